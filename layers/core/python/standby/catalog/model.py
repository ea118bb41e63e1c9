"""What a product is, which SKUs it has, and whose word about them counts.

Everything here only grows: of two words about one thing the newer stays. So words may come in any order and more than
once, and the same is known in the end.
"""

from collections.abc import Mapping
from dataclasses import field, replace
from functools import cached_property
from typing import Any

from standby.platform.frozen import frozen

Version = tuple[int, int, int, int]
"""Order of the shop's words: as_of in microseconds, sequence (0 when missing), arrival, and a number made of the
content, so that only the same message has the same version."""
NEVER: Version = (0, 0, 0, 0)
Shown = tuple[str | None, Mapping[str, Any] | None, bool]

PRICE_FROM = "price_from"
"""What is said of a product and was not in the message: the lowest price of its variants, where it has none itself."""
MOST_WORDS = 20
"""Products whose words about one SKU are kept."""


@frozen(kw_only=True)
class ProductSaid:
    """``product.upserted``: what a product is, and all SKUs that it has."""

    product_id: str
    version: Version
    as_of: str
    as_of_assumed: bool = False
    about: Mapping[str, Any] = field(default_factory=dict)
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What is said of each SKU, in the product's order."""
    feed: str | None = None
    """The feed whose complete file says this (`standby.catalog.absences`)."""


@frozen(kw_only=True)
class ProductAbsent:
    """A complete file of a feed does not name a product that the feed brought before."""

    product_id: str
    version: Version
    as_of: str
    feed: str


@frozen(kw_only=True)
class ProductEnded:
    """``product.discontinued`` of a whole product."""

    product_id: str
    version: Version


@frozen(kw_only=True)
class SkuEnded:
    """``product.discontinued`` of one SKU."""

    sku: str
    version: Version


@frozen(kw_only=True)
class Product:
    """The newest word about a product itself. What it says of its SKUs is kept with them."""

    product_id: str
    edition: int = 0
    """Rises with each change. 0: not in the table yet."""
    version: Version = NEVER
    as_of: str = ""
    as_of_assumed: bool = False
    about: Mapping[str, Any] = field(default_factory=dict)
    skus: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    """SKUs that the word before had and this one has not, as long as it is not sure that their variants say so."""
    discontinued: Version = NEVER
    open: bool = False
    """It is not sure that everybody heard of this word."""
    feed: str | None = None
    """The feed of which a complete file named it last. ``None``: no feed did, or the last one no longer does."""
    fed: Version = NEVER
    """The version of the newest word of a feed about it, also of one that it is absent."""

    @property
    def known(self) -> bool:
        """Tell whether it was ever described; a product may be discontinued before."""
        return self.version > NEVER

    @property
    def is_discontinued(self) -> bool:
        """Tell whether it does not come back; a newer word about it takes that back."""
        return self.discontinued > self.version

    @property
    def shown(self) -> tuple[Mapping[str, Any], bool]:
        """What others are told of it, beside its variants."""
        return self.about, self.is_discontinued

    def told(self, said: ProductSaid) -> "Product":
        """Return the product after a word; the same product where that says nothing new.

        An older word of a feed still says to which feed the product belongs.
        """
        newer = said.feed is not None and said.version > self.fed
        known = replace(self, feed=said.feed, fed=said.version) if newer else self
        if said.version <= self.version:
            return replace(known, edition=self.edition + 1) if newer else self
        return replace(
            known,
            edition=self.edition + 1,
            version=said.version,
            as_of=said.as_of,
            as_of_assumed=said.as_of_assumed,
            about=said.about,
            skus=tuple(said.variants),
            leaving=tuple(sku for sku in self.skus if sku not in said.variants),
            open=True,
        )

    def absent(self, said: ProductAbsent) -> "Product":
        """Return the product after its feed no longer named it; the same product where it is not that feed's.

        It has no SKUs then, and belongs to no feed. What the shop said of it later stays, and so does what it
        discontinued: that says more than silence.
        """
        if self.feed != said.feed or said.version <= self.fed:
            return self
        left = replace(self, edition=self.edition + 1, feed=None, fed=said.version)
        if said.version <= self.version or self.is_discontinued:
            return left
        return replace(
            left,
            version=said.version,
            as_of=said.as_of,
            as_of_assumed=False,
            skus=(),
            leaving=self.skus,
            open=True,
        )

    def ended(self, said: ProductEnded) -> "Product":
        """Return the product after it was discontinued."""
        return replace(self, edition=self.edition + 1, discontinued=said.version)

    def settled(self) -> "Product":
        """Return the product once everybody heard of it. It is the same edition."""
        return replace(self, leaving=(), open=False)


@frozen(kw_only=True)
class Word:
    """What one product says of a SKU."""

    version: Version = NEVER
    content: Mapping[str, Any] | None = None
    """``None``: the product no longer has it."""
    discontinued: Version = NEVER
    """When the product was discontinued."""


@frozen(kw_only=True)
class Variant:
    """A SKU, and what products say of it. It belongs to the one with the newest word that has it."""

    sku: str
    edition: int = 0
    """Rises with each change. 0: not in the table yet."""
    words: Mapping[str, Word] = field(default_factory=dict)
    """By product."""
    discontinued: Version = NEVER
    """When the SKU itself was."""

    @cached_property
    def product_id(self) -> str | None:
        """The product that has it."""
        having = [(word.version, product_id) for product_id, word in self.words.items() if word.content is not None]
        return max(having)[1] if having else None

    @property
    def content(self) -> Mapping[str, Any] | None:
        """What its product says of it."""
        return None if self.product_id is None else self.words[self.product_id].content

    @property
    def is_discontinued(self) -> bool:
        """Tell whether it does not come back: it or its product was discontinued after the newest word that has it."""
        word = Word() if self.product_id is None else self.words[self.product_id]
        return max(self.discontinued, word.discontinued) > word.version

    def version_of(self, product_id: str) -> Version:
        """Return the version of a product's word about it."""
        return self.words.get(product_id, Word()).version

    @property
    def shown(self) -> Shown:
        """What others are told of it."""
        return self.product_id, self.content, self.is_discontinued

    def told(
        self, product_id: str, version: Version, content: Mapping[str, Any] | None, discontinued: Version
    ) -> "Variant":
        """Return the SKU after a product spoke of it, or no longer has it (``content`` is ``None``)."""
        known = self.words.get(product_id, Word())
        word = replace(known, version=version, content=content) if version > known.version else known
        return self._with(product_id, replace(word, discontinued=max(word.discontinued, discontinued)))

    def product_ended(self, product_id: str, discontinued: Version) -> "Variant":
        """Return the SKU after a product that has it was discontinued."""
        known = self.words.get(product_id, Word())
        return self._with(product_id, replace(known, discontinued=max(known.discontinued, discontinued)))

    def ended(self, discontinued: Version) -> "Variant":
        """Return the SKU after it was discontinued itself."""
        if discontinued <= self.discontinued:
            return self
        return replace(self, edition=self.edition + 1, discontinued=discontinued)

    def _with(self, product_id: str, word: Word) -> "Variant":
        if self.words.get(product_id) == word:
            return self
        words = sorted(
            {**self.words, product_id: word}.items(),
            key=lambda said: (said[1].content is not None, said[1].version, said[0]),
        )
        return replace(self, edition=self.edition + 1, words=dict(words[-MOST_WORDS:]))
