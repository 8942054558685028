"""What a mutation answers: a union of what it made and the facts that a client should branch on."""

import strawberry


@strawberry.interface(description="A fact that kept a mutation from doing what it was asked; nothing was changed.")
class Refusal:
    """The common part of all refusals, so that a client can show one that it does not know yet."""

    message: str = strawberry.field(description="The fact in a sentence, in English, fit to be shown.")
