"""Reports to hand out: the words of one, and the same words as a PDF and as a page."""
