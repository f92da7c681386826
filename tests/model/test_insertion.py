"""Text added to YAML: it says one thing more, and every line that was there is there still, in its order."""

import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fairlead.model.insertion import UnfitError, with_item, with_keys

ITEM: dict[str, Any] = {
    "term": "win_rate",
    "says": "no: a # is not, [a] {comment}",
    "given": {"won": 1, "closed": None},
    "gives": 0.3,
}
TEXTS = {
    "nothing": "",
    "only comments": "# what we decided\n",
    "another section": "claims: {}\n",
    "no line at the end": "claims: {}",
    "an empty section": "disputes:\nclaims: {}\n",
    "an empty section with a comment": "disputes:   # none yet\n\nclaims: {}\n",
    "a null": "disputes: ~\n",
    "an empty list": "disputes: []\nclaims: {}\n",
    "an empty list with a comment": "disputes: [ ]  # none\n",
    "a list in one line": "disputes: [{term: a, says: b}]\n",
    "a list over lines": "disputes: [\n  {term: a, says: b},  # first\n]\n",
    "items in lines": "disputes:\n  - {term: a, says: b}\n\n# what people claim\nclaims: {}\n",
    "items without indent": "disputes:\n- term: a\n  says: b\n# what people claim\nclaims: {}\n",
    "a block of text": "disputes:\n  - term: a\n    says: |\n      # no comment\n  # here\n\n# next\nclaims: {}",
    "the last section": "claims: {}\ndisputes:\n  - term: a\n    says: >-\n      b\n      c",
    "everything indented": "  claims: {}\n  disputes:\n    - {term: a, says: b}\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_an_item_is_added_and_nothing_else_changes(name: str) -> None:
    text = TEXTS[name]
    added = with_item(text, "disputes", ITEM)
    before, after = yaml.safe_load(text) or {}, yaml.safe_load(added)
    assert after == {**before, "disputes": [*(before.get("disputes") or []), ITEM]}
    lines = iter(added.splitlines())
    kept = [line for line in text.splitlines() if line.strip() and "disputes: " not in line and "{term" not in line]
    assert all(any(line in other for other in lines) for line in kept), added
    assert all(comment in added for comment in re.findall("#.*", text))


@pytest.mark.parametrize("name", [n for n in TEXTS if "item" in n or "block" in n or "last" in n or "one line" in n])
def test_keys_are_added_to_one_item(name: str) -> None:
    text = TEXTS[name]
    added = with_keys(text, "disputes", 0, {"settled": "yes: we did", "agreed": True})
    before, after = yaml.safe_load(text), yaml.safe_load(added)
    assert after["disputes"][0] == {**before["disputes"][0], "settled": "yes: we did", "agreed": True}
    assert {k: v for k, v in after.items() if k != "disputes"} == {k: v for k, v in before.items() if k != "disputes"}
    assert [c for c in ("# no comment", "# next", "# what people claim") if (c in text) is not (c in added)] == []


@pytest.mark.parametrize("text", ["{disputes: []}\n", "disputes: text\n", "disputes: {a: b}\n", "- a\n", "a: [\n"])
def test_a_text_in_another_layout_is_not_guessed_at(text: str) -> None:
    with pytest.raises((UnfitError, yaml.YAMLError)):
        with_item(text, "disputes", ITEM)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text(max_size=40), min_size=1), st.data())
def test_whatever_somebody_writes_comes_back_as_it_was(item: dict[str, str], data: st.DataObject) -> None:
    text = TEXTS[data.draw(st.sampled_from(sorted(TEXTS)))]
    try:
        added = with_item(text, "disputes", item)
    except (UnfitError, yaml.YAMLError, UnicodeError):
        return
    assert yaml.safe_load(added)["disputes"][-1] == item
