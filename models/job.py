"""Jobs that staff start: their terms, their progress, and their rows."""

from tortoise import fields
from tortoise.models import Model


class Job(Model):
    """An import or export by its `kind`, its terms, and its progress.

    An import's file is taken until `upload_until` (a real instant); `attempt` counts the uploads
    begun, `header` are its columns. `checked` and `position` are the numbers of the last rows that
    were checked and written, `points` what the rows checked add up to. `done` rows were written,
    `known` ones had nothing new, `refused` ones stand with their reasons. Of an export they count
    rows of its file.
    """

    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    kind = fields.CharField(max_length=24)
    status = fields.CharField(max_length=16)
    history = fields.BooleanField()
    replaces = fields.BooleanField()
    reward = fields.CharField(max_length=64, null=True)
    segment = fields.CharField(max_length=64, null=True)
    on_difference = fields.CharField(max_length=8, null=True)
    control_rows = fields.BigIntField(null=True)
    control_points = fields.BigIntField(null=True)
    as_of = fields.DatetimeField(null=True)
    created_by = fields.CharField(max_length=200)
    created_at = fields.DatetimeField()
    upload_until = fields.DatetimeField(null=True)
    attempt = fields.IntField()
    uploaded_at = fields.DatetimeField(null=True)
    sha256 = fields.BinaryField(null=True)
    header: fields.Field[list[str] | None] = fields.JSONField(null=True)
    total = fields.BigIntField(null=True)
    points = fields.BigIntField()
    checked = fields.BigIntField()
    checked_at = fields.DatetimeField(null=True)
    proposal_id = fields.UUIDField(null=True)
    approved_at = fields.DatetimeField(null=True)
    approved_by = fields.CharField(max_length=200, null=True)
    began_at = fields.DatetimeField(null=True)
    position = fields.BigIntField()
    done = fields.BigIntField()
    known = fields.BigIntField()
    refused = fields.BigIntField()
    failure = fields.CharField(max_length=32, null=True)
    finished_at = fields.DatetimeField(null=True)
    forgotten_at = fields.DatetimeField(null=True)

    class Meta:
        table = "job"


class ImportRow(Model):
    """A row of an import's file, as a JSON object of its columns, and its result.

    `path` is the column at fault, `words` the refusal in each language. `lot_id` is the lot that a
    balance was credited in.
    """

    job_id = fields.UUIDField(primary_key=True)
    number = fields.BigIntField()
    content = fields.TextField()
    status = fields.CharField(max_length=8, null=True)
    code = fields.CharField(max_length=64, null=True)
    path = fields.CharField(max_length=256, null=True)
    words: fields.Field[dict[str, str] | None] = fields.JSONField(null=True)
    member_id = fields.UUIDField(null=True)
    lot_id = fields.UUIDField(null=True)

    class Meta:
        table = "import_row"


class ExportPart(Model):
    """A part of an export's file, a header and rows as gzipped CSV: of members through one, by id;
    the last part goes through the largest id.
    """

    job_id = fields.UUIDField(primary_key=True)
    number = fields.IntField()
    content = fields.BinaryField()
    sha256 = fields.BinaryField()
    through = fields.UUIDField()

    class Meta:
        table = "export_part"
