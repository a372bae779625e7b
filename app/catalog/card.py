"""Card: something to read or to fill in beside a clip."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from app.catalog.field_types import STRICT, Locale, Slug

CardKind = Literal["text", "image", "list", "map", "product", "form"]
FieldKind = Literal["text", "long", "email", "tel", "number", "date", "choice", "yes"]

ADDRESS = r"^(https?://|tel:|mailto:|/|\{\{)"
PICTURE = r"^(https?://|/|\{\{)"
FIELD_NAME = r"^[a-z][a-z0-9_]{0,39}$"
MOST_FIELDS = 5

Line = Annotated[str, Field(min_length=1, max_length=200)]

_NEEDED: dict[str, tuple[str, ...]] = {
    "image": ("image",),
    "list": ("items",),
    "map": ("address",),
    "product": ("price",),
    "form": ("form",),
}
_OF_KIND: dict[str, tuple[str, ...]] = {
    "image": ("image", "product"),
    "items": ("list",),
    "address": ("map",),
    "price": ("product",),
    "form": ("form",),
    "submit": ("form",),
    "function": ("form",),
}


class FormField(BaseModel):
    """Field of a form: what is asked for, and in which form the answer is good."""

    model_config = STRICT

    name: str = Field(pattern=FIELD_NAME)
    """Key of its answer."""
    label: Line
    kind: FieldKind = "text"
    required: bool = True
    options: tuple[Line, ...] = Field((), max_length=20)
    """What a `choice` may be."""

    @model_validator(mode="after")
    def _options_of_a_choice(self) -> Self:
        if (self.kind == "choice") != bool(self.options):
            raise _wrong(
                "`options` in a field of the kind `choice`, and in no other", "none" if not self.options else "some"
            )
        return self


class Card(BaseModel):
    """Something to read beside the clip: a title, a text, a link, and what its kind adds.

    `body` may use Markdown: paragraphs, lists, **strong**, *emphasis*, `code` and links.
    """

    model_config = STRICT

    kind: CardKind = "text"
    title: str = Field(max_length=200)
    body: str | None = Field(None, max_length=1000)
    url: str | None = Field(None, max_length=2000, pattern=ADDRESS)
    """Absolute, from the root of the site, a telephone number (`tel:112`), a mail address (`mailto:`), or a fact."""
    image: str | None = Field(None, max_length=2000, pattern=PICTURE)
    """Address of a picture, for the kinds `image` and `product`."""
    alt: str | None = Field(None, max_length=300)
    """What the picture shows, in words; empty for one that only adorns."""
    items: tuple[Line, ...] = Field((), max_length=12)
    """Lines of a `list`."""
    address: str | None = Field(None, max_length=300)
    """Postal address of a `map`: it is shown, and its link opens the visitor's maps."""
    price: str | None = Field(None, max_length=60)
    """Price of a `product`, as it is to be read."""
    form: tuple[FormField, ...] = Field((), max_length=MOST_FIELDS)
    """Up to five fields of a `form`."""
    submit: str | None = Field(None, min_length=1, max_length=60)
    """Words on the button of a `form`."""
    function: str | None = Field(None, pattern=FIELD_NAME)
    """Function of the page that gets the answers of a `form`, if it is registered there."""

    @model_validator(mode="after")
    def _as_its_kind(self) -> Self:
        for name in _NEEDED.get(self.kind, ()):
            if not getattr(self, name):
                raise _wrong(f"`{name}` in a card of the kind `{self.kind}`", "none")
        for name, kinds in _OF_KIND.items():
            if getattr(self, name) and self.kind not in kinds:
                raise _wrong(f"`{name}` in a card of the kind `{kinds[0]}`", f"it in one of the kind `{self.kind}`")
        if self.image and self.alt is None:
            raise _wrong("`alt` beside `image`, empty for a picture that only adorns", "none")
        if len({field.name for field in self.form}) < len(self.form):
            raise _wrong("another `name` for each field of a form", "one twice")
        return self


def _wrong(expected: str, got: str) -> PydanticCustomError:
    return PydanticCustomError("card_kind", "{expected}", {"expected": expected, "got": got})


class PageCall(BaseModel):
    """Function of the page that is called after the answer, if its visitor agrees and the page has registered it."""

    model_config = STRICT

    function: str = Field(pattern=FIELD_NAME)
    arguments: dict[Annotated[str, Field(pattern=FIELD_NAME)], Annotated[str, Field(max_length=200)]] = Field(
        {}, max_length=10
    )
    """Texts that it gets, by name."""
    ask: dict[Locale, Line] = {}
    """What the visitor is asked first, per locale."""
    then: Slug | None = None
    """Intent that is answered with the result, which its words and card know as `{{ page.FUNCTION | else }}`."""
    timeout_s: float = Field(10.0, ge=1, le=60)
    """How long the function may take."""
