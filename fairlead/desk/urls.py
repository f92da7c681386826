"""Every address of the desk."""

from django.urls import path

from fairlead.desk.pages import errors, scoreboard
from fairlead.desk.people import views as people

urlpatterns = [
    *scoreboard.urls,
    path("sign-in/", people.SignIn.as_view(), name="sign-in"),
    path("sign-in/link/<str:token>/", people.sign_in_by_link, name="sign-in-link"),
    path("sign-out/", people.SignOut.as_view(), name="sign-out"),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.broken
