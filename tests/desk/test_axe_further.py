"""The other half of the pages that tests/desk/test_axe.py opens: the two share the time that it takes."""

import pytest

from tests.desk.browser import CHROMIUM
from tests.desk.looking import Looking
from tests.desk.test_axe import FURTHER, PARTS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine"),
]


class TestFurtherPages(Looking):
    part, parts, further = 1, PARTS, FURTHER
