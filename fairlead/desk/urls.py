"""Every address of the desk."""

from django.urls import path

from fairlead.desk.api.urls import urls as api
from fairlead.desk.pages import (
    builds,
    charts,
    clocks,
    cohorts,
    comparison,
    dictionary,
    errors,
    followup,
    gates,
    handoffs,
    lifecycle,
    metric,
    model,
    palette,
    reconciliation,
    renewals,
    revenue,
    rows,
    scoreboard,
    series,
    shown,
    sources,
    tables,
    tree,
    why,
)
from fairlead.desk.people import account
from fairlead.desk.people import views as people

urlpatterns = [
    *scoreboard.urls,
    *palette.urls,
    *metric.urls,
    *series.urls,
    *rows.urls,
    *why.urls,
    *followup.urls,
    *handoffs.urls,
    *gates.urls,
    *clocks.urls,
    *lifecycle.urls,
    *revenue.urls,
    *cohorts.urls,
    *renewals.urls,
    *reconciliation.urls,
    *tree.urls,
    *charts.urls,
    *dictionary.urls,
    *model.urls,
    *builds.urls,
    *comparison.urls,
    *tables.urls,
    *sources.urls,
    *shown.urls,
    *account.urls,
    *api,
    path("sign-in/", people.SignIn.as_view(), name="sign-in"),
    path("sign-in/link/<str:token>/", people.sign_in_by_link, name="sign-in-link"),
    path("sign-out/", people.SignOut.as_view(), name="sign-out"),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.broken
