"""Shown: rows in, a picture or its words out. The same in the page, the PDF, the terminal and the notebook.

Pure functions: no I/O, no clock, no colour (colour is the face's; a picture names its parts with classes).
"""
