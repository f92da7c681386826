# ruff: noqa: E501 (word lists, one idea a line)
"""Words by which exports name things: which table a file is, which column a header means.

Names are compared without case, spaces and punctuation, and without the `property_` that warehouses put in front.
English first, then German, French and Spanish; the vendors' own field names stand among them.
"""

import re
from collections.abc import Mapping

# The record's table: words in a file's name.
FILE_WORDS: Mapping[str, tuple[str, ...]] = {
    "account": ("account", "compan", "organi", "customer", "client", "kunden", "firmen", "entreprise", "empresa"),
    "person": ("contact", "lead", "person", "people", "prospect", "kontakt", "personne", "persona"),
    "member": ("user", "owner", "rep", "salesteam", "sales_team", "team", "employee", "staff", "mitarbeiter", "agent"),
    "opportunity": ("opportunit", "deal", "pipeline", "chance", "affaire", "oportunidad", "negocio"),
    "product": ("product", "produkt", "produit", "plan", "price"),
    "campaign": ("campaign", "kampagne", "campagne", "campaña"),
    "touch": ("touch", "campaignmember", "campaign_member", "form_submission", "formsubmission", "visit"),
    "activity": ("activit", "task", "engagement", "meeting", "call", "email"),
    "change": ("history", "fieldhistory", "historie", "historique"),
    "spend": ("spend", "ads", "adwords", "cost", "kosten", "ausgaben", "google_ads", "meta_ads", "facebook"),
    "contract_line": ("subscription", "contract", "abonnement", "vertrag", "contrat", "abo"),
    "invoice": ("invoice", "rechnung", "facture", "factura"),
    "payment": ("payment", "charge", "refund", "zahlung", "paiement", "pago", "transaction"),
    "usage": ("usage", "nutzung", "event_daily", "feature_use", "product_usage"),
    "signal": ("ticket", "survey", "nps", "csat", "churn", "feedback", "support", "case"),
    "buying_role": ("contactrole", "contact_role", "buying_role", "deal_contact"),
    "ledger": ("ledger", "finance", "gl_", "p_and_l", "profit"),
    "rate": ("fx", "exchange", "rates", "currencies"),
}

# The record's table: the column that identifies a row.
ID_WORDS: Mapping[str, tuple[str, ...]] = {
    "account": ("id", "recordid", "datensatzid", "hsobjectid", "companyid", "accountid", "customerid", "clientid", "organizationid", "kundennummer", "kundennr", "account", "company", "customer", "accountname", "companyname"),
    "person": ("id", "recordid", "datensatzid", "hsobjectid", "contactid", "leadid", "personid", "email"),
    "member": ("id", "recordid", "userid", "ownerid", "repid", "employeeid", "salesagent", "salesrep", "email", "name"),
    "opportunity": ("id", "recordid", "datensatzid", "hsobjectid", "dealid", "opportunityid", "oppid", "oppnumber"),
    "product": ("id", "productid", "sku", "productcode", "product", "productname"),
    "campaign": ("id", "campaignid", "hsobjectid", "campaign", "campaignname"),
    "touch": ("id", "touchid", "campaignmemberid", "submissionid", "messageid"),
    "activity": ("id", "activityid", "taskid", "eventid", "engagementid", "hsobjectid"),
    "change": ("id", "historyid"),
    "contract_line": ("id", "itemid", "subscriptionitemid", "lineid", "subscriptionid", "contractid"),
    "invoice": ("id", "invoiceid", "number", "invoicenumber", "rechnungsnummer"),
    "payment": ("id", "paymentid", "chargeid", "transactionid"),
    "usage": ("id", "usageid"),
    "signal": ("id", "ticketid", "surveyid", "responseid", "caseid", "churneventid"),
    "buying_role": ("id",),
}  # fmt: skip

# The record's table and column: headers that mean it, likeliest first.
COLUMN_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "account": {
        "name": ("name", "accountname", "companyname", "company", "account", "customername", "customer", "organization", "firma", "firmenname", "kunde", "entreprise", "societe", "empresa"),
        "domain": ("domain", "website", "companydomainname", "webdomain", "url", "webseite", "siteweb"),
        "parent_id": ("parentid", "hsparentcompanyid", "parentaccountid", "parent", "parentaccount", "subsidiaryof", "parentcompany"),
        "segment": ("segment", "tier", "size", "companysize"),
        "industry": ("industry", "sector", "branche", "secteur", "industria", "vertical"),
        "country": ("country", "billingcountry", "land", "pays", "pais", "countrycode", "officelocation"),
        "region": ("region", "salesregion", "territory", "gebiet"),
        "employees": ("numberofemployees", "employees", "employeecount", "headcount", "mitarbeiter"),
        "owner_id": ("ownerid", "hubspotownerid", "owner", "accountowner", "owneremail"),
        "created_at": ("createddate", "createdate", "createdat", "created", "signupdate", "erstelltam", "datecreation"),
    },
    "person": {
        "account_id": ("accountid", "associatedcompanyid", "companyid", "account", "company", "customerid"),
        "email": ("email", "emailaddress", "workemail", "mail", "courriel", "correo"),
        "name": ("name", "fullname", "contactname", "lastname"),
        "title": ("title", "jobtitle", "position", "funktion", "poste"),
        "persona": ("persona", "hspersona"),
        "phone": ("phone", "phonenumber", "telefon", "telephone", "mobilephone"),
        "country": ("country", "mailingcountry", "land", "pays"),
        "source": ("leadsource", "hsanalyticssource", "source", "originalsource", "quelle"),
        "consent": ("consent", "hslegalbasis", "optin", "marketingconsent", "hasoptedoutofemail"),
        "campaign_id": ("campaignid", "firstcampaign", "campaign"),
        "owner_id": ("ownerid", "hubspotownerid", "owner", "leadowner", "contactowner", "owneremail"),
        "fit_score": ("fitscore", "hubspotscore", "leadscore", "score"),
        "created_at": ("createddate", "createdate", "createdat", "created", "erstelltam"),
        "engaged_at": ("engageddate", "engagedat", "engagedon", "becameengageddate"),
        "mql_at": ("mqldate", "mqlat", "hslifecyclestagemarketingqualifiedleaddate", "becamemqldate"),
        "sal_at": ("saldate", "salat", "salesaccepteddate"),
        "sql_at": ("sqldate", "sqlat", "hslifecyclestagesalesqualifiedleaddate", "becamesqldate"),
        "recycled_at": ("recycleddate", "recycledat", "recycledon", "recycledate", "lastrecycleddate", "returneddate", "returnedat"),
        "recycle_reason": ("recycledreason", "recyclereason", "recyclingreason", "reasonrecycled", "returnreason", "returnedreason"),
    },
    "member": {
        "name": ("name", "fullname", "salesagent", "salesrep", "rep", "agent", "username", "mitarbeiter", "nom"),
        "email": ("email", "emailaddress"),
        "function": ("function", "department", "abteilung"),
        "role": ("role", "title", "userroleid", "jobtitle"),
        "team": ("team", "teams", "regionaloffice", "office", "teamname"),
        "manager_name": ("manager", "managername", "vorgesetzter"),
        "timezone": ("timezone", "timezonesidkey"),
        "is_active": ("isactive", "active", "aktiv"),
        "created_at": ("createddate", "createdat", "created", "hiredate"),
    },
    "opportunity": {
        "account_id": ("accountid", "companyid", "associatedcompanyid", "account", "accountname", "company", "customer", "kunde", "associatedcompany", "associatedcompanyids", "customerid", "zugehorigesunternehmen", "unternehmen"),
        "name": ("name", "dealname", "opportunityname", "deal", "opportunity", "titel"),
        "kind": ("type", "dealtype", "opportunitytype", "kind"),
        "pipeline": ("pipeline", "dealpipelineid"),
        "stage": ("stagename", "dealstage", "stage", "dealpipelinestageid", "phase", "dealphase", "etape", "etapa", "status"),
        "amount": ("amount", "dealamount", "closevalue", "value", "dealvalue", "betrag", "montant", "importe", "wert", "acv", "arr"),
        "currency": ("currencyisocode", "dealcurrencycode", "currency", "wahrung", "devise", "moneda"),
        "close_date": ("closedate", "expectedclosedate", "abschlussdatum", "dateclosed", "datecloture", "closingdate"),
        "category": ("forecastcategoryname", "forecastcategory", "hsmanualforecastcategory"),
        "owner_id": ("ownerid", "hubspotownerid", "owner", "dealowner", "salesagent", "salesrep", "rep", "owneremail", "dealinhaber", "inhaber"),
        "source": ("leadsource", "hsanalyticssource", "source", "quelle"),
        "campaign_id": ("campaignid", "primarycampaignsourceid", "campaign"),
        "partner_id": ("partnerid", "partneraccountid", "partner"),
        "product_id": ("productid", "product", "produkt", "produit"),
        "next_step": ("nextstep", "hsnextstep", "nachsterschritt"),
        "created_at": ("createddate", "createdate", "createdat", "created", "engagedate", "erstelltam", "erstelldatum", "erstellungsdatum", "opendate"),
        "closed_at": ("closedat", "closeddate", "wondate"),
        "is_won": ("iswon", "hsisclosedwon", "won", "gewonnen"),
        "is_closed": ("isclosed", "hsisclosed", "closed"),
        "lost_reason": ("lossreason", "lostreason", "closedlostreason", "verlustgrund"),
        "goals": ("goals", "customergoals", "successcriteria", "businessgoals", "ziele", "objectifs"),
        "commitments": ("commitments", "customercommitments", "promises", "promised", "zusagen"),
        "scope": ("scope", "scopeofwork", "projectscope", "leistungsumfang", "perimetre"),
        "stakeholders": ("stakeholders", "keystakeholders", "decisionmakers", "buyingcommittee", "entscheider"),
        "kickoff_date": ("kickoffdate", "kickoff", "kickoffon", "kickoffday", "datumkickoff"),
    },
    "product": {
        "name": ("name", "productname", "product", "produkt", "produit"),
        "family": ("family", "series", "category", "productfamily"),
        "list_price": ("listprice", "price", "salesprice", "unitprice", "preis", "prix"),
    },
    "campaign": {
        "name": ("name", "campaignname", "hsname", "campaign"),
        "channel": ("channel", "type", "medium", "kanal"),
        "starts_on": ("startdate", "hsstartdate", "startson"),
        "ends_on": ("enddate", "hsenddate", "endson"),
        "budget": ("budget", "budgetedcost", "budgetamount"),
    },
    "touch": {
        "person_id": ("contactid", "leadorcontactid", "leadid", "personid", "userid", "email", "contact"),
        "account_id": ("accountid", "companyid"),
        "campaign_id": ("campaignid", "campaign"),
        "channel": ("channel", "source", "medium", "utmsource"),
        "kind": ("type", "kind", "event", "status", "action"),
        "at": ("firstrespondeddate", "timestamp", "createddate", "at", "date", "occurredat", "submittedat"),
    },
    "activity": {
        "kind": ("type", "tasksubtype", "kind", "activitytype", "engagementtype"),
        "direction": ("direction", "hscalldirection", "hsemaildirection"),
        "automated": ("automated", "isautomated"),
        "person_id": ("whoid", "contactid", "personid", "contact", "contactemail", "leadid", "leadorcontactid", "lead"),
        "account_id": ("accountid", "companyid", "account"),
        "opportunity_id": ("whatid", "opportunityid", "dealid", "opportunity"),
        "member_id": ("ownerid", "hubspotownerid", "userid", "owner", "rep"),
        "at": ("hstimestamp", "activitydate", "startdatetime", "timestamp", "at", "date", "occurredat", "activityat"),
        "logged_at": ("createddate", "hscreatedate", "createdat", "loggedat"),
        "outcome": ("outcome", "calldisposition", "hsmeetingoutcome", "status", "result"),
    },
    "spend": {
        "day": ("day", "date", "datestart", "segmentsdate", "datum", "jour"),
        "channel": ("channel", "kanal", "platform", "source", "network"),
        "campaign_id": ("campaignid", "campaign", "campaignname"),
        "amount": ("spend", "cost", "costmicros", "metricscostmicros", "amount", "amountspent", "kosten"),
        "currency": ("currency", "wahrung", "currencycode", "accountcurrency"),
    },
    "contract_line": {
        "account_id": ("accountid", "customerid", "customer", "account", "companyid", "clientid"),
        "opportunity_id": ("opportunityid", "dealid"),
        "product_id": ("productid", "product", "priceid", "planid"),
        "subscription": ("subscriptionid", "subscription", "contractid", "contractnumber"),
        "starts_on": ("startdate", "startson", "start", "currentperiodstart", "currenttermstart", "beginn", "startedat"),
        "ends_on": ("enddate", "endson", "end", "endedat", "ende"),
        "billing_interval": ("interval", "billinginterval", "recurringinterval", "billingperiodunit", "priceinterval"),
        "billing_interval_count": ("intervalcount", "billingintervalcount", "recurringintervalcount", "billingperiod"),
        "quantity": ("quantity", "seats", "units"),
        "amount": ("mrramount", "monthlyamount", "mrr", "amount", "unitamount", "price", "planamount"),
        "currency": ("currency", "wahrung", "currencycode"),
        "discount": ("discount", "discountamount", "amountoff"),
        "status": ("status", "state"),
        "trial_ends_on": ("trialend", "trialendson", "trialenddate"),
        "cancelled_on": ("canceledat", "cancelledat", "cancelledon", "canceldate"),
        "discount_lasts": ("discountduration", "couponduration", "durationtype"),
        "discount_starts_on": ("discountstart", "discountstartdate"),
        "discount_ends_on": ("discountend", "discountenddate", "discountendsat"),
        "paused_on": ("pausedate", "pausedat", "pausedon"),
        "resumes_on": ("resumedate", "resumesat", "resumeson"),
        "cancels_on": ("cancelat", "cancelsat", "cancelson", "scheduledcancellation"),
        "cancel_reason": ("cancelreason", "cancelreasoncode", "cancellationreason", "cancellationdetailsfeedback", "cancellationdetailsreason"),
        "renews_on": ("renewaldate", "renewson", "renewsat", "nextrenewal", "contracttermend"),
        "auto_renews": ("autorenew", "autorenewal", "autorenews"),
    },
    "invoice": {
        "account_id": ("accountid", "customerid", "customer", "account", "companyid"),
        "subscription": ("subscriptionid", "subscription"),
        "number": ("number", "invoicenumber"),
        "amount": ("subtotal", "amount", "total", "amountdue", "netamount"),
        "tax": ("tax", "taxamount", "vat"),
        "currency": ("currency", "wahrung", "currencycode"),
        "issued_at": ("created", "issuedat", "invoicedate", "date", "issuedate", "finalizedat"),
        "due_at": ("duedate", "dueat"),
        "paid_at": ("paidat", "paiddate", "paidon"),
        "status": ("status", "state"),
    },
    "payment": {
        "invoice_id": ("invoiceid", "invoice"),
        "account_id": ("accountid", "customerid", "customer"),
        "kind": ("kind", "type"),
        "amount": ("amount", "amountpaid"),
        "currency": ("currency", "wahrung", "currencycode"),
        "at": ("created", "paidat", "date", "createdat", "at"),
        "status": ("status", "state"),
    },
    "usage": {
        "account_id": ("accountid", "customerid", "companyid", "groupid", "account", "organizationid", "tenantid"),
        "feature": ("feature", "featurename", "event", "eventname", "module"),
        "day": ("day", "date", "usagedate", "datum"),
        "people": ("people", "users", "activeusers", "distinctusers", "uniqueusers"),
        "events": ("events", "usagecount", "count", "eventcount"),
    },
    "signal": {
        "account_id": ("accountid", "customerid", "companyid", "account", "customer"),
        "person_id": ("contactid", "personid", "respondentid"),
        "kind": ("kind", "surveytype", "signaltype"),
        "score": ("score", "satisfactionscore", "npsscore", "rating", "csat"),
        "at": ("submittedat", "createdat", "createddate", "churndate", "date", "respondedat", "at", "openedat"),
        "resolved_at": ("closedat", "resolvedat", "solvedat", "completedat"),
    },
    "buying_role": {
        "opportunity_id": ("opportunityid", "dealid"),
        "person_id": ("contactid", "personid"),
        "role": ("role", "label"),
        "is_primary": ("isprimary", "primary"),
    },
    "change": {
        "entity_id": ("opportunityid", "dealid", "leadid", "contactid", "accountid", "entityid", "recordid"),
        "field": ("field", "name", "property", "fieldname"),
        "old": ("oldvalue", "old", "previousvalue", "from"),
        "new": ("newvalue", "new", "value", "to"),
        "at": ("createddate", "timestamp", "changedat", "at", "date"),
        "changed_by": ("createdbyid", "changedby", "userid", "updatedbyuserid"),
    },
    "ledger": {
        "month": ("month", "period", "monat"),
        "line": ("line", "account", "category", "glaccount"),
        "segment": ("segment",),
        "amount": ("amount", "value", "betrag"),
        "currency": ("currency",),
    },
    "rate": {
        "currency": ("currency", "wahrung", "currencycode", "isocode", "tocurrency"),
        "starts_on": ("date", "startson", "startdate", "day"),
        "rate": ("rate", "exchangerate", "conversionrate"),
    },
}  # fmt: skip

# The record's table: objects that its rows are nested with, so that `price.currency` is the line's own currency.
WITHIN: Mapping[str, tuple[str, ...]] = {"contract_line": ("subscription", "price", "plan", "discount", "coupon")}

# What must be among a file's columns for it to be taken for the table at all.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "opportunity": ("stage",), "spend": ("amount", "day"), "usage": ("day",), "change": ("field", "new", "at"),
    "activity": ("at",), "touch": ("at",), "contract_line": ("starts_on", "amount"), "invoice": ("amount",),
    "payment": ("amount", "at"), "signal": ("account_id", "at"), "rate": ("currency", "rate"),
    "ledger": ("month", "line", "amount"), "buying_role": ("opportunity_id", "person_id"), "product": ("name",),
    "member": ("name",), "account": ("name",), "campaign": ("name",), "person": ("email",),
}  # fmt: skip

STAGES: Mapping[str, tuple[str, ...]] = {
    "closed_won": ("closedwon", "won", "gewonnen", "gagne", "ganado"),
    "closed_lost": ("closedlost", "lost", "verloren", "perdu", "perdido"),
    "discovery": ("discovery", "prospecting", "prospect", "appointmentscheduled", "new", "open", "neu"),
    "qualification": ("qualification", "qualified", "qualifiedtobuy", "engaging", "needsanalysis"),
    "evaluation": ("evaluation", "valueproposition", "presentationscheduled", "demo", "iddecisionmakers", "perceptionanalysis"),
    "proposal": ("proposal", "proposalpricequote", "decisionmakerboughtin", "angebot", "quote"),
    "negotiation": ("negotiation", "negotiationreview", "contractsent", "verhandlung"),
}  # fmt: skip
# The record's table and column: its own words, and what exports call them.
PICKLISTS: Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]] = {
    ("opportunity", "kind"): {
        "new": ("new", "newbusiness", "newcustomer", "newlogo", "newbiz", "newclient", "newdeal", "neugeschaft", "neukunde", "nouveauclient"),
        "expansion": ("expansion", "existingbusiness", "existingcustomer", "existingcustomerupgrade", "upsell", "crosssell", "upgrade", "addon", "addonbusiness", "expansionbusiness", "bestandskunde"),
        "renewal": ("renewal", "renew", "renewalbusiness", "existingcustomerrenewal", "verlangerung", "renouvellement", "renovacion"),
    },
    ("activity", "kind"): {
        "call": ("call", "calls", "phonecall", "outboundcall", "inboundcall", "outgoingcall", "incomingcall", "coldcall", "salescall", "phone", "telephone", "anruf", "telefonat", "appel", "llamada"),
        "email": ("email", "emails", "mail", "outboundemail", "inboundemail", "outgoingemail", "incomingemail", "forwardedemail", "emailmessage", "listemail", "salesemail", "courriel", "correo"),
        "meeting": ("meeting", "meetings", "event", "appointment", "demo", "videocall", "onlinemeeting", "webmeeting", "termin", "besprechung", "reunion"),
        "task": ("task", "tasks", "todo", "aufgabe", "tache", "tarea"),
        "note": ("note", "notes", "notiz", "nota"),
    },
    ("activity", "direction"): {
        "outbound": ("outbound", "outgoing", "out", "sent", "email", "ausgehend", "sortant", "saliente"),
        "inbound": ("inbound", "incoming", "in", "received", "incomingemail", "eingehend", "entrant", "entrante"),
    },
}  # fmt: skip
# What a kind of activity begins with when it names its direction too.
SIDES: Mapping[str, tuple[str, ...]] = {"outbound": ("outbound", "outgoing"), "inbound": ("inbound", "incoming")}
FIELDS: Mapping[str, str] = {
    "stagename": "stage", "dealstage": "stage", "stage": "stage", "amount": "amount", "closedate": "close_date",
    "forecastcategoryname": "category", "forecastcategory": "category", "ownerid": "owner_id", "owner": "owner_id",
    "hubspotownerid": "owner_id", "hsmanualforecastcategory": "category",
}  # fmt: skip
DELETED = ("isdeleted", "deleted", "archived", "isarchived")


def plain(name: str) -> str:
    """A header without what people vary: case, spaces, punctuation, accents, warehouses' prefixes.

    >>> plain("property_HS Object-ID"), plain("Währung"), plain("Custom__c")
    ('hsobjectid', 'wahrung', 'custom')
    """
    lowered = re.sub(r"__c$", "", name.lower()).removeprefix("property_").removeprefix("properties.")
    table = str.maketrans("äöüéèêëáàâíìîóòôúùûñç", "aoueeeeaaaiiiooouuunc")
    return re.sub(r"[^a-z0-9]", "", lowered.translate(table))


def own(name: str, table: str) -> str:
    """A header without the objects that a row of the table is nested with.

    >>> own("price.recurring.interval", "contract_line"), own("items.price", "invoice")
    ('recurring.interval', 'items.price')
    """
    head, _, tail = name.partition(".")
    return own(tail, table) if tail and plain(head) in WITHIN.get(table, ()) else name
