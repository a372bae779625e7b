"""Types of the fields in catalog files: ids, locales, texts and lists of them."""

from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field

STRICT = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)
"""Settings of every part of the catalog: frozen, and unknown keys are refused."""

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
"""Id: lower-case letters and digits in words joined by hyphens; also a file's stem."""

Locale = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
"""BCP 47 language tag such as `en` or `de-AT`."""


def listed(value: object) -> object:
    """Return one text as a list of one."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


Text = Annotated[str, Field(min_length=1, max_length=5000)]

Texts = Annotated[tuple[Text, ...], BeforeValidator(listed, json_schema_input_type=Text | tuple[Text, ...])]
"""One text or a list of texts."""

Slugs = Annotated[tuple[Slug, ...], BeforeValidator(listed, json_schema_input_type=Slug | tuple[Slug, ...])]
"""One id or a list of ids."""

VariableName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
VariableNames = Annotated[
    tuple[VariableName, ...],
    BeforeValidator(listed, json_schema_input_type=VariableName | tuple[VariableName, ...]),
]
"""One name of a value of the page, or a list of names."""

StarterName = Annotated[str, Field(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)?$", max_length=130)]
StarterNames = Annotated[
    tuple[StarterName, ...],
    BeforeValidator(listed, json_schema_input_type=StarterName | tuple[StarterName, ...]),
]

Names = Annotated[tuple[str, ...], Field(min_length=1)]
"""At least one name."""

Word = Annotated[str, Field(max_length=300, pattern=r"\S")]
"""Name or word, as answers write it or as it is pronounced."""
