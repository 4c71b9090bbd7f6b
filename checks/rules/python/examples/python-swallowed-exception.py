def close(thing):
    try:  # bad
        thing.close()
    except Exception:
        pass


def close_all(thing):
    try:  # bad
        thing.close()
    except:
        pass


# good
def close_well(thing):
    try:
        thing.close()
    except OSError:
        pass
    try:
        thing.close()
    except Exception:
        log.exception("could not close")
