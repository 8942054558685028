"""E-mail addresses checked for form and brought to one form; nothing is asked of the network."""

from email_validator import EmailNotValidError, validate_email

from domain.accounts.errors import EmailInvalid

EMAIL_CHARACTERS_MAX = 320


class ValidatedEmails:
    """Normalises by email-validator (RFC 5321, 6531), in lower case: two addresses never differ in case alone."""

    def normalise(self, text: str) -> str:
        if len(text) > EMAIL_CHARACTERS_MAX:
            raise EmailInvalid("An e-mail address is shorter.", field="email")
        try:
            found = validate_email(text.strip(), check_deliverability=False, test_environment=True)
        except (EmailNotValidError, UnicodeError) as refused:
            raise EmailInvalid(f"This is no e-mail address: {refused}", field="email") from None
        return found.normalized.lower()
