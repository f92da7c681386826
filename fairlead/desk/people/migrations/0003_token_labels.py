"""One token of a label for each person: those made twice before are told apart by a number."""

from collections import defaultdict
from typing import Any

from django.conf import settings
from django.db import migrations, models

LONGEST = 80


def tell_apart(apps: Any, schema_editor: Any) -> None:
    """Labels that a person has more than once, among tokens that are not revoked, get a number: `ci`, `ci (2)`."""
    taken: dict[int, set[str]] = defaultdict(set)
    for token in apps.get_model("people", "Token").objects.filter(revoked_at=None).order_by("made_at", "pk"):
        label, number = token.label, 1
        while label in taken[token.user_id]:
            number += 1
            label = f"{token.label[: LONGEST - 8]} ({number})"
        taken[token.user_id].add(label)
        if label != token.label:
            token.label = label
            token.save(update_fields=["label"])


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_tokens"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(tell_apart, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="token",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at", None)),
                fields=("user", "label"),
                name="one_token_of_a_label",
            ),
        ),
    ]
