// People should not have to press the button; programs that preview links run no script and so do not use the link up.
document.getElementById("sign-in-link")?.requestSubmit();
