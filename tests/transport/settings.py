"""The project's settings without its commands, which these crawls don't need."""

from crawler.settings import *  # noqa: F403

COMMANDS_MODULE = ""
