"""What every test shares: no test fails for being run on a busy machine."""

from hypothesis import settings

settings.register_profile("fairlead", deadline=None)
settings.load_profile("fairlead")
