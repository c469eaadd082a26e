"""Letters: what users are written, in their language."""

from collections.abc import Mapping
from enum import StrEnum

from tenants.accounts.mail import Letter
from tenants.quotas.metrics import Metric


class Occasion(StrEnum):
    """What a letter is written for."""

    CONFIRM = "confirm"
    KNOWN_ALREADY = "known_already"
    RESET = "reset"
    NOBODY = "nobody"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - an occasion
    CHANGE_EMAIL = "change_email"
    EMAIL_CHANGED = "email_changed"
    INVITATION = "invitation"
    STOLEN = "stolen"
    QUOTA = "quota"


_TEXTS: Mapping[str, Mapping[Occasion, tuple[str, str, str]]] = {
    "en": {
        Occasion.CONFIRM: (
            "Confirm your address",
            "Welcome to Reelhouse, {name}.\nConfirm that this address is yours. The link works for one day.",
            "Confirm the address",
        ),
        Occasion.KNOWN_ALREADY: (
            "You have an account already",
            (
                "Someone, perhaps you, wanted to register with this address. You have an account already."
                "\nIf you forgot your password, choose a new one."
            ),
            "Choose a new password",
        ),
        Occasion.RESET: (
            "Choose a new password",
            "You can choose a new password, within one hour.\nIf you did not ask for this, do nothing.",
            "Choose a new password",
        ),
        Occasion.NOBODY: (
            "There is no account with this address",
            "Someone, perhaps you, asked for a new password. There is no account with this address.",
            "",
        ),
        Occasion.PASSWORD_CHANGED: (
            "Your password was changed",
            (
                "The password of your account was changed, and all other sessions were ended."
                "\nIf that was not you, choose a new one at once."
            ),
            "Choose a new password",
        ),
        Occasion.CHANGE_EMAIL: (
            "Confirm your new address",
            "Confirm that this is to be the address of your account. The link works for one day.",
            "Confirm the address",
        ),
        Occasion.EMAIL_CHANGED: (
            "The address of your account was changed",
            "Your account has the address {email} now.\nIf that was not you, write to who runs this house.",
            "",
        ),
        Occasion.INVITATION: (
            "{inviter} invites you to {workspace}",
            "{inviter} invites you to work in {workspace}. The link works for seven days.",
            "Accept the invitation",
        ),
        Occasion.STOLEN: (
            "A session was ended",
            (
                "A token of one of your sessions was used twice, as happens when it was stolen. The session was ended."
                "\nSign in again where you need to, and look at the list of your sessions."
            ),
            "",
        ),
        Occasion.QUOTA: (
            "{workspace}: {threshold} % of {metric} is used",
            "{workspace} has used {used} of {limit} of {metric}. What goes beyond the limit is refused.",
            "See what is used",
        ),
    },
    "fr": {
        Occasion.CONFIRM: (
            "Confirmez votre adresse",
            "Bienvenue chez Reelhouse, {name}.\nConfirmez que cette adresse est la vôtre. Le lien est valable un jour.",
            "Confirmer l’adresse",
        ),
        Occasion.KNOWN_ALREADY: (
            "Vous avez déjà un compte",
            (
                "Quelqu’un, peut-être vous, a voulu s’inscrire avec cette adresse. Vous avez déjà un compte."
                "\nSi vous avez oublié votre mot de passe, choisissez-en un nouveau."
            ),
            "Choisir un nouveau mot de passe",
        ),
        Occasion.RESET: (
            "Choisissez un nouveau mot de passe",
            "Vous pouvez choisir un nouveau mot de passe, dans l’heure.\nSi vous n’avez rien demandé, ne faites rien.",
            "Choisir un nouveau mot de passe",
        ),
        Occasion.NOBODY: (
            "Aucun compte n’a cette adresse",
            "Quelqu’un, peut-être vous, a demandé un nouveau mot de passe. Aucun compte n’a cette adresse.",
            "",
        ),
        Occasion.PASSWORD_CHANGED: (
            "Votre mot de passe a été changé",
            (
                "Le mot de passe de votre compte a été changé, et toutes les autres sessions ont été fermées."
                "\nSi ce n’était pas vous, choisissez-en un nouveau tout de suite."
            ),
            "Choisir un nouveau mot de passe",
        ),
        Occasion.CHANGE_EMAIL: (
            "Confirmez votre nouvelle adresse",
            "Confirmez que ceci doit être l’adresse de votre compte. Le lien est valable un jour.",
            "Confirmer l’adresse",
        ),
        Occasion.EMAIL_CHANGED: (
            "L’adresse de votre compte a été changée",
            "Votre compte a maintenant l’adresse {email}.\nSi ce n’était pas vous, écrivez à qui gère cette maison.",
            "",
        ),
        Occasion.INVITATION: (
            "{inviter} vous invite dans {workspace}",
            "{inviter} vous invite à travailler dans {workspace}. Le lien est valable sept jours.",
            "Accepter l’invitation",
        ),
        Occasion.STOLEN: (
            "Une session a été fermée",
            (
                "Un jeton d’une de vos sessions a servi deux fois, comme s’il avait été volé. La session a été fermée."
                "\nReconnectez-vous où il le faut, et regardez la liste de vos sessions."
            ),
            "",
        ),
        Occasion.QUOTA: (
            "{workspace} : {threshold} % utilisés ({metric})",
            "{workspace} a utilisé {used} sur {limit} ({metric}). Ce qui dépasse la limite est refusé.",
            "Voir la consommation",
        ),
    },
}
LOCALES = tuple(_TEXTS)
_METRICS: Mapping[str, Mapping[Metric, str]] = {
    "en": {
        Metric.RENDER_SECONDS: "render time",
        Metric.STORAGE_BYTES: "storage",
        Metric.API_CALLS: "API calls",
    },
    "fr": {
        Metric.RENDER_SECONDS: "temps de rendu",
        Metric.STORAGE_BYTES: "stockage",
        Metric.API_CALLS: "appels de l’API",
    },
}
"""What is alerted of, in words."""


def locale_of(asked: str) -> str:
    """Return the language to write in for a locale such as ``fr-CA``; English where we do not speak it."""
    language = asked.partition("-")[0].lower()
    return language if language in _TEXTS else LOCALES[0]


def metric_in(locale: str, metric: Metric) -> str:
    """Return what people call a metric that they are alerted of."""
    return _METRICS[locale_of(locale)][metric]


def letter(occasion: Occasion, to: str, locale: str, *, link: str | None = None, **named: str) -> Letter:
    """Return a letter; ``named`` are what its text names."""
    subject, text, link_text = _TEXTS[locale_of(locale)][occasion]
    return Letter(
        to=to,
        subject=subject.format(**named),
        paragraphs=tuple(text.format(**named).split("\n")),
        link=link if link_text else None,
        link_text=link_text,
    )
