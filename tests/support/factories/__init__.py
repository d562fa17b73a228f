"""Factories for tests, called as `make.enrol` and so on, a module for each subject."""

from tests.support.factories.bookings import book, booking, claim, line_of, report
from tests.support.factories.calls import NOW, fresh, member_caller, partner, request, staff
from tests.support.factories.documents import (
    SHIPPED,
    WORDS,
    rule,
    shipped_document,
    shipped_rules,
    variant,
    whole_document,
    written,
)
from tests.support.factories.files import do_imports, export, make_exports, send_rows, start_import
from tests.support.factories.members import (
    change,
    close,
    consent,
    contact_code,
    enrol,
    erase,
    known_by,
    merge,
    prove,
    reinstate,
    rich_member,
    set_status,
    suspend,
)
from tests.support.factories.notices import (
    announcement,
    answer,
    bounce,
    device,
    notice,
    say,
    template,
)
from tests.support.factories.partners import agree, partner_of, settle_through, statement
from tests.support.factories.points import (
    act,
    adjust,
    available,
    entries,
    give,
    post,
    review,
    state,
    transfer,
)
from tests.support.factories.programmes import (
    compare,
    decided,
    draft,
    establish,
    funded,
    propose,
    publish,
)
from tests.support.factories.rewards import (
    cancel,
    confirm,
    fulfil,
    pool,
    redeem,
    redemption,
    return_benefit,
    reward,
    set_stock,
    stock,
    use,
    use_benefit,
)
from tests.support.factories.unchanged import COMPARED, everything, faults, outcomes, refused
from tests.support.factories.webhooks import (
    NOBODY_LISTENS,
    OUTGOING,
    event,
    events,
    payloads,
    secret_of,
    webhook,
)
