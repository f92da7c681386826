# ruff: noqa: E501 (word lists, one idea a line)
"""Keys and references as SQL: `SOURCE:KEY` for a row of a source, `KIND:VALUE` for another name of an entity."""

from fairlead.record.engine import literal

# Mail providers that anybody can have an address at: such a domain says nothing about a company.
FREE_MAIL = (
    "gmail.com", "googlemail.com", "yahoo.com", "yahoo.co.uk", "yahoo.fr", "yahoo.de", "yahoo.es", "yahoo.it",
    "yahoo.co.in", "yahoo.com.br", "ymail.com", "rocketmail.com", "outlook.com", "outlook.de", "outlook.fr",
    "hotmail.com", "hotmail.co.uk", "hotmail.fr", "hotmail.de", "hotmail.es", "hotmail.it", "live.com", "live.co.uk",
    "live.fr", "live.de", "msn.com", "icloud.com", "me.com", "mac.com", "aol.com", "proton.me", "protonmail.com",
    "pm.me", "tutanota.com", "gmx.de", "gmx.net", "gmx.com", "gmx.at", "gmx.ch", "web.de", "t-online.de", "freenet.de",
    "mail.com", "mail.ru", "bk.ru", "list.ru", "inbox.ru", "yandex.ru", "yandex.com", "rambler.ru", "qq.com", "163.com",
    "126.com", "sina.com", "foxmail.com", "naver.com", "daum.net", "hanmail.net", "rediffmail.com", "zoho.com",
    "fastmail.com", "hey.com", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "libero.it", "virgilio.it",
    "alice.it", "tiscali.it", "terra.com.br", "uol.com.br", "bol.com.br", "btinternet.com", "sky.com", "virginmedia.com",
    "comcast.net", "verizon.net", "att.net", "sbcglobal.net", "bellsouth.net", "cox.net", "charter.net", "bluewin.ch",
    "telenet.be", "skynet.be", "ziggo.nl", "kpnmail.nl", "wp.pl", "o2.pl", "onet.pl", "interia.pl", "seznam.cz",
    "mailinator.com", "guerrillamail.com", "yopmail.com", "example.com",
)  # fmt: skip


def email(cell: str) -> str:
    """An address in lower case, or NULL when the cell holds none."""
    plain = f"regexp_replace(lower(trim({cell})), '^mailto:', '')"
    return f"CASE WHEN regexp_matches({plain}, '^[^@ ]+@[^@ ]+[.][^@ ]+$') THEN {plain} END"


def domain(cell: str) -> str:
    """The bare host of a web address, an email address or a domain; NULL when there is none.

    `https://www.Acme.co.uk:443/about` and `sales@acme.co.uk` are both `acme.co.uk`.
    """
    host = f"regexp_replace(lower(trim({cell})), '^[a-z][a-z0-9+.-]*://', '')"
    host = f"regexp_replace({host}, '[/?#].*$', '')"
    host = f"regexp_replace({host}, '^.*@', '')"
    host = f"regexp_replace({host}, ':[0-9]*$', '')"
    host = f"regexp_replace({host}, '^www[0-9]?[.]', '')"
    host = f"regexp_replace({host}, '[.]+$', '')"
    return f"CASE WHEN regexp_matches({host}, '^[^ .,;@]+([.][^ .,;@]+)+$') THEN {host} END"


def company_domain(cell: str) -> str:
    """A domain that can stand for a company: not one of a mail provider's."""
    found = domain(cell)
    free = ", ".join(map(literal, FREE_MAIL))
    return f"CASE WHEN {found} NOT IN ({free}) THEN {found} END"


def name(kind: str, cell: str) -> str:
    """The ref by which an entity answers to `kind`, from a cell (SQL)."""
    value = {"email": email, "domain": company_domain}.get(kind, str)(cell)
    return f"{literal(kind + ':')} || {value}"
