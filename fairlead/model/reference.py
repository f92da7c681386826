"""The JSON Schema of the model's files, so that editors complete and check them while people write."""

from typing import Any

from fairlead.model.whole import SUBJECTS


def schema_json(subject: str) -> dict[str, Any]:
    """The JSON Schema of one YAML file, for editors; names taken from keys are left out."""
    schema = SUBJECTS[subject].model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = f"Fairlead {subject}.yaml"
    for part in (schema, *schema.get("$defs", {}).values()):
        properties = part.get("properties", {})
        for key in [k for k, v in properties.items() if v.pop("from_key", False)]:
            del properties[key]
    return schema
