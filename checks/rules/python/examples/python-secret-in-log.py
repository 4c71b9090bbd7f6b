import logging

logger = logging.getLogger(__name__)


def sign_in(user, password, settings):
    logger.info("signing in %s with %s", user, password)  # bad
    logging.debug(f"key is {settings.api_key}")  # bad


# good
def sign_in_well(user, password):
    logger.info("signing in %s", user)
    logger.info("password given: %s", bool(password))
    logger.info("wrong password")
