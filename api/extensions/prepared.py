"""The document that a transport has made ready, handed to strawberry so that it neither parses nor validates again."""

from collections.abc import Iterator

from strawberry.extensions import SchemaExtension

from api.context import Context


class PreparedDocument(SchemaExtension):
    """Hands strawberry the document that the context carries, so that it neither parses nor validates again."""

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context.context
        if isinstance(context, Context) and context.document is not None:
            self.execution_context.graphql_document = context.document
            self.execution_context.validation_rules = ()
        yield
