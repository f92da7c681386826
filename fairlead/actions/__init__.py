"""The verbs: the only door for the faces (command line, pages, API)."""
