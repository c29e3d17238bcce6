"""What always reaches people by mail: what concerns their security, and decisions about them."""

from django.utils.translation import gettext_lazy as _

from fairhand.people.notices.shapes import Advice, Kind, Whom

FACTORS = Advice(
    _(
        "Was this you? Then there is nothing to do. If not: remove what you do not know at "
        "%(address)s, make new recovery codes there, and change your password."
    ),
    "/account/second/",
)
RECOVERY = Advice(
    _(
        "Was this you? Make new recovery codes before you need one: %(address)s. If not: make new "
        "ones there now, remove what you do not know, and change your password."
    ),
    "/account/second/",
)
BROWSER = Advice(
    _(
        "Was this you? Then there is nothing to do. If not: sign that browser out at %(address)s, "
        "and change your password."
    ),
    "/account/browsers",
)
KEEP = Advice(
    _("Was this you? Then there is nothing to do. If not, or to keep it: %(address)s"),
    "/account/privacy",
)
GUESSING = Advice(
    _(
        "Nobody came in by this. A passkey or an app for codes keeps out whoever guesses right: "
        "%(address)s"
    ),
    "/account/second/",
)

SECURITY = (
    Kind(
        "security.password_changed",
        _("Your password was changed"),
        _("Your password was changed"),
        _("Your account has a new password. All other browsers were signed out."),
    ),
    Kind(
        "security.email_changed",
        _("Your e-mail address was changed"),
        _("Your e-mail address was changed"),
        _("Your account now belongs to the address %(address)s."),
    ),
    Kind(
        "security.phone_changed",
        _("Your phone number was changed"),
        _("Your phone number was changed"),
        _("Your account has another phone number, or none any more."),
    ),
    Kind(
        "security.second_factor_added",
        _("A second factor was added"),
        _("A second factor was added"),
        _("Signing in to your account now also takes: %(factor)s."),
        does=FACTORS,
    ),
    Kind(
        "security.second_factor_removed",
        _("A second factor was removed"),
        _("A second factor was removed"),
        _("Signing in to your account no longer takes: %(factor)s."),
        does=FACTORS,
    ),
    Kind(
        "security.recovery_codes_made",
        _("New recovery codes were made"),
        _("New recovery codes were made"),
        _("Your account has new recovery codes. The old ones no longer work."),
        does=FACTORS,
    ),
    Kind(
        "security.recovery_code_used",
        _("A recovery code was used"),
        _("A recovery code was used"),
        _("Somebody signed in to your account with one of your recovery codes."),
        does=RECOVERY,
    ),
    Kind(
        "security.new_browser",
        _("A browser signed in that you had not used before"),
        _("A new browser signed in"),
        _("Somebody signed in to your account from a browser that was not used before."),
        does=BROWSER,
    ),
    Kind(
        "security.guessing",
        _("Somebody tried many times to sign in"),
        _("Somebody tries to sign in to your account"),
        _("There were many wrong passwords or codes. You can still sign in yourself."),
        does=GUESSING,
    ),
    Kind(
        "security.signed_out",
        _("All your browsers were signed out"),
        _("You were signed out everywhere"),
        _("All browsers and devices of your account were signed out."),
    ),
    Kind(
        "security.key_made",
        _("An API key was made in your name"),
        _("An API key was made"),
        _("The key “%(name)s” acts in your name from now on."),
    ),
    Kind(
        "security.key_revoked",
        _("An API key of yours ended"),
        _("An API key ended"),
        _("The key “%(name)s” no longer works."),
    ),
    Kind(
        "security.sign_in_linked",
        _("Another way to sign in was connected"),
        _("Another way to sign in was connected"),
        _("Your account can now be entered through %(provider)s."),
    ),
    Kind(
        "security.sign_in_unlinked",
        _("A way to sign in was disconnected"),
        _("A way to sign in was disconnected"),
        _("Your account can no longer be entered through %(provider)s."),
    ),
    Kind(
        "security.destination_changed",
        _("The account that you are paid to was changed"),
        _("You are paid to another account now"),
        _("Your earnings will be sent to the account ending in %(ending)s."),
    ),
    Kind(
        "security.device_added",
        _("A device asked to be told what concerns you"),
        _("A device gets your notices now"),
        _("What you are told here also appears on this device: %(device)s."),
        push=False,
    ),
    Kind(
        "security.data_ready",
        _("The archive of your data is ready"),
        _("Your data can be downloaded"),
        _("The archive of all your data is ready. Only you can download it, for seven days."),
    ),
    Kind(
        "security.deletion_asked",
        _("Your account is to be deleted"),
        _("Your account will be deleted"),
        _(
            "It is deleted on %(day)s. Until then you can sign in and keep it. It was signed out"
            " everywhere."
        ),
        does=KEEP,
    ),
    Kind(
        "security.deletion_cancelled",
        _("Your account is not deleted after all"),
        _("Your account stays"),
        _("It is not deleted: everything is as it was."),
    ),
    Kind(
        "security.deletion_waits",
        _("Your account cannot be deleted yet"),
        _("Your account cannot be deleted yet"),
        _("%(reason)s It is deleted once that has ended."),
        does=KEEP,
    ),
)
DECISION = (
    Kind(
        "decision.restricted",
        _("You lost access to a batch"),
        _("You cannot go on with “%(batch)s”"),
        _("%(reason)s What you earned stays yours. You can have a person look at it."),
    ),
    Kind(
        "decision.restriction_lifted",
        _("You have access to a batch again"),
        _("You can go on with “%(batch)s”"),
        _("A person looked at it and lifted the restriction: %(reason)s"),
    ),
    Kind(
        "decision.expelled",
        _("Your account was closed for work"),
        _("You get no more work here"),
        _(
            "The reason that was given: %(reason)s What you earned stays yours and is paid. "
            "You can contest this."
        ),
    ),
    Kind(
        "decision.suspended",
        _("Your account was suspended from work"),
        _("You get no work until %(until)s"),
        _(
            "The reason that was given: %(reason)s What you earned stays yours and is paid. "
            "You can contest this: somebody else looks at it."
        ),
        whom=Whom.WORKERS,
    ),
    Kind(
        "decision.suspension_ended",
        _("Your suspension is over"),
        _("You can work again"),
        _("The time of your suspension is over. Everything is as it was before."),
        whom=Whom.WORKERS,
    ),
    Kind(
        "decision.let_back",
        _("A decision against you was undone"),
        _("You can work again"),
        _("A person looked at it again: %(reason)s"),
    ),
    Kind(
        "decision.appeal_upheld",
        _("You contested something and were right"),
        _("Your appeal was decided for you"),
        _("%(what)s: the decision is undone. What was said about it: %(reason)s"),
    ),
    Kind(
        "decision.appeal_dismissed",
        _("You contested something and it stays"),
        _("Your appeal was not successful"),
        _("%(what)s: the decision stays. What was said about it: %(reason)s"),
    ),
    Kind(
        "decision.appeal_lapsed",
        _("You contested something and nobody answered in time"),
        _("Your appeal was decided for you"),
        _("%(what)s: nobody answered in time, so the decision is undone."),
    ),
    Kind(
        "decision.identity_verified",
        _("Your identity is proven"),
        _("Your identity is proven"),
        _("People or a service looked at what you showed. It counts until %(day)s."),
        whom=Whom.WORKERS,
    ),
    Kind(
        "decision.identity_rejected",
        _("Your identity could not be proven"),
        _("Your identity could not be proven"),
        _("%(reason)s You can try again, or contest this. What you earned stays yours."),
        whom=Whom.WORKERS,
    ),
    Kind(
        "decision.identity_ends",
        _("The proof of your identity ends soon"),
        _("Show your document again before %(day)s"),
        _("The proof of your identity ends then. Renew it before, and your work goes on."),
        whom=Whom.WORKERS,
    ),
    Kind(
        "decision.identity_expired",
        _("The proof of your identity ended"),
        _("Show your document again"),
        _("The proof of your identity has ended. Work that asks for it waits until you renew it."),
        whom=Whom.WORKERS,
    ),
    Kind(
        "decision.duties_changed",
        _("Your duties as an operator changed"),
        _("Your duties as an operator changed"),
        _("Your duties are now: %(duties)s."),
    ),
    Kind(
        "decision.approval_decided",
        _("Somebody decided what you had asked for"),
        _("Your request was decided"),
        _("%(what)s: %(outcome)s"),
    ),
)
