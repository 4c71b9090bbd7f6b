import jinja2


def make():
    return jinja2.Environment(autoescape=False)  # bad


# good
def make_well():
    return jinja2.Environment(autoescape=jinja2.select_autoescape())
