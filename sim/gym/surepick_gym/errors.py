"""What can go wrong besides wrong arguments, which are ValueErrors."""


class InstallationError(RuntimeError):
    """The simulator or Node.js cannot be found; says where it was looked for and what to do."""


class ServerError(RuntimeError):
    """A simulator process died, answered with rubbish or failed within; says its exit code and last words."""


class ServerTimeout(ServerError):
    """A simulator process did not answer in time, and was ended."""
