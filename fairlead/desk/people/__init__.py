"""People: who may sign in, how, and what they may see. Nothing here knows a metric."""
