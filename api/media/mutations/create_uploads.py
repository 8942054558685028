"""The mutation createUploads."""

from typing import Annotated

import strawberry

from api.context import Info
from api.media.types import Upload, present_upload
from api.permissions import EDITOR
from api.results import Refusal
from domain.identifiers import UploadId
from domain.media.errors import UploadEmpty as Empty
from domain.media.errors import UploadTooLarge as TooLarge
from domain.media.errors import UploadTypeUnknown as TypeUnknown
from domain.media.models import Content
from domain.media.policies import UPLOAD_BYTES_MAX
from domain.media.use_cases import UploadOrder, create_uploads


@strawberry.type(description="Put the bytes of each now.")
class UploadsCreated:
    """Success."""

    uploads: list[Upload] = strawberry.field(description="One for each file, in the order given.")


@strawberry.type(description="A file has more bytes than an upload may have; none was created.")
class UploadTooLarge(Refusal):
    """A fact."""

    size_bytes_max: int = strawberry.field(description="The most bytes that a file may have.")


@strawberry.type(description="A file's type is none that the lab reads; none was created.")
class UploadTypeUnknown(Refusal):
    """A fact."""


@strawberry.type(description="A file has no bytes; none was created.")
class UploadEmpty(Refusal):
    """A fact."""


CreateUploadsResult = Annotated[
    UploadsCreated | UploadTooLarge | UploadTypeUnknown | UploadEmpty,
    strawberry.union("CreateUploadsResult", description="What announcing files can come to."),
]


@strawberry.input(description="One file that you are going to put.")
class FileInput:
    """A file announced."""

    file_name: str = strawberry.field(description="What it is called, for people to read.")
    content_type: str = strawberry.field(
        description="One of image/jpeg, image/png, image/webp, image/avif, image/heic."
    )
    size_bytes: int = strawberry.field(description="Exactly how many bytes, up to 20 MiB.")
    sha256: str = strawberry.field(description="The SHA-256 of the bytes, as 64 hexadecimal digits.")


@strawberry.input(description="The files that you are going to put.")
class CreateUploadsInput:
    """The input of createUploads."""

    files: list[FileInput] = strawberry.field(description="1 to 50 files.")


@strawberry.type
class CreateUploads:
    """The mutation createUploads."""

    @strawberry.mutation(
        description="Announce files and get, for each, where to PUT its bytes within the hour.", extensions=[EDITOR]
    )
    async def create_uploads(
        self,
        info: Info,
        given: Annotated[CreateUploadsInput, strawberry.argument(name="input", description="The files.")],
    ) -> CreateUploadsResult:
        context = info.context
        orders = [_order(file, UploadId(context.new_id())) for file in given.files]
        try:
            async with context.work() as work:
                created = await create_uploads(
                    work,
                    store=context.services.store,
                    workspace_id=context.caller.workspace_id,
                    orders=orders,
                    now=context.now(),
                )
        except Empty as fact:
            return UploadEmpty(message=fact.message)
        except TooLarge as fact:
            return UploadTooLarge(message=fact.message, size_bytes_max=UPLOAD_BYTES_MAX)
        except TypeUnknown as fact:
            return UploadTypeUnknown(message=fact.message)
        return UploadsCreated(uploads=[present_upload(upload, put) for upload, put in created])


def _order(file: FileInput, upload_id: UploadId) -> UploadOrder:
    return UploadOrder(upload_id, file.file_name, Content(file.content_type, file.size_bytes, file.sha256))
