"""The REST API: the verbs of `fairlead.actions` as JSON, for programs.

An operation reads its parameters, calls one verb and gives its answer a typed shape; the same verb stands behind
the page and the command. What all operations share is said once: who may come in (`people.access`), how a refusal
looks (`problems`), how long an answer is good (`freshness`), how a long one is paged (`paging`).
"""
