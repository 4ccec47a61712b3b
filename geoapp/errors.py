"""What can go wrong: one class a kind, whose docstring is the message a person sees."""

from __future__ import annotations


class GeoappError(Exception):
    """Something went wrong in geoapp."""

    code = "error"
    status = 500

    def __init__(self, detail: str = "", /, **facts: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts

    @property
    def message(self) -> str:
        """The class's sentence: the key under which pages find its translation."""
        return (type(self).__doc__ or "").strip().splitlines()[0]

    def __str__(self) -> str:
        return f"{self.message} {self.detail}".strip()


class BadRequest(GeoappError):
    """The request cannot be understood."""

    code = "bad_request"
    status = 400


class BadField(GeoappError):
    """A field holds a value that cannot be used."""

    code = "bad_field"
    status = 422


class NotFound(GeoappError):
    """There is nothing at this address."""

    code = "not_found"
    status = 404


class Conflict(GeoappError):
    """The same key was used before for something else."""

    code = "conflict"
    status = 409


class KeyReused(Conflict):
    """This Idempotency-Key was used before for a different report."""

    code = "key_reused"
    status = 422


class PlacedMeanwhile(Conflict):
    """Somebody else has placed this meanwhile: please look again."""

    code = "placed_meanwhile"


class TooLarge(GeoappError):
    """The upload is larger than this installation accepts."""

    code = "too_large"
    status = 413


class NotAPhoto(BadField):
    """The file is not a photo that can be read."""

    code = "not_a_photo"


class PhotoTooLarge(NotAPhoto):
    """The photo has too many pixels: at most 64 million as a JPEG, 25 million in another format."""

    code = "photo_too_large"


class BadMove(Conflict):
    """This move is not allowed from the state the ticket is in."""

    code = "bad_move"


class MovedMeanwhile(Conflict):
    """Somebody has acted on this meanwhile: please look again."""

    code = "moved_meanwhile"


class ChildrenOpen(Conflict):
    """This cannot be settled before the tickets below it are."""

    code = "children_open"


class TooLate(Conflict):
    """It is too late for this: the time has run out already."""

    code = "too_late"


class SourceUnreadable(GeoappError):
    """The file cannot be read as this source."""

    code = "source_unreadable"
    status = 422


class PackInvalid(GeoappError):
    """The city pack cannot be used."""

    code = "pack_invalid"
    status = 422


class UnknownCity(NotFound):
    """No such city is loaded here."""

    code = "unknown_city"


class CityNeeded(BadRequest):
    """Several cities are loaded here: name one."""

    code = "city_needed"


class SettingInvalid(GeoappError):
    """A setting cannot be used."""

    code = "setting_invalid"


class ClusterUnavailable(GeoappError):
    """The database server cannot be reached or started."""

    code = "cluster_unavailable"
    status = 503


class BackupInvalid(GeoappError):
    """The backup cannot be used."""

    code = "backup_invalid"
    status = 422


class SignInNeeded(GeoappError):
    """You have to sign in for this."""

    code = "sign_in_needed"
    status = 401


class NotAllowed(GeoappError):
    """Your role does not allow this."""

    code = "not_allowed"
    status = 403


class TokenInvalid(SignInNeeded):
    """This token is not known here or has expired."""

    code = "token_invalid"


class TooManyTries(GeoappError):
    """Too many attempts; please wait a quarter of an hour."""

    code = "too_many_tries"
    status = 429


class LoginTaken(Conflict):
    """There is an account of that login already."""

    code = "login_taken"


class PasswordRefused(BadField):
    """This password cannot be used."""

    code = "password_refused"


class UnknownAccount(NotFound):
    """There is no account of that login."""

    code = "unknown_account"


class UnknownUnit(NotFound):
    """There is no such unit in this city."""

    code = "unknown_unit"


class UnitInvalid(BadField):
    """The unit cannot stand where it is to stand."""

    code = "unit_invalid"


class ReasonNeeded(BadField):
    """Say why you look at this, in at most 200 characters."""

    code = "reason_needed"


class OwnAccount(NotAllowed):
    """Nobody locks the own account or changes the own roles: ask somebody else who looks after people."""

    code = "own_account"


class BeyondReach(NotAllowed):
    """This reaches beyond the cities that you look after."""

    code = "beyond_reach"


class LastAdministrator(Conflict):
    """Nobody would be left to look after this: make somebody else an administrator first."""

    code = "last_administrator"


class UnitTaken(Conflict):
    """There is a unit of that code already."""

    code = "unit_taken"


class SheetUnreadable(BadField):
    """This cannot be read as a table: an Excel file (.xlsx) or a CSV file with a heading."""

    code = "sheet_unreadable"


class SheetTooLarge(SheetUnreadable):
    """This table is too large: at most 5 MB and 2,000 rows."""

    code = "sheet_too_large"


class UnknownBatch(NotFound):
    """There is no such batch of the list."""

    code = "unknown_batch"


class BatchRefused(Conflict):
    """This batch of the list cannot be drawn up or put into force."""

    code = "batch_refused"


class SheetNotComputed(SheetUnreadable):
    """A formula in this file has no result, or is an error; save the file with its values."""

    code = "sheet_not_computed"


class ListInvalid(BadField):
    """The list cannot be taken in."""

    code = "list_invalid"


class RehearsalRuns(Conflict):
    """A rehearsal of this city is going on already."""

    code = "rehearsal_runs"
