"""Pages: each reads the request, calls one verb and shows its answer. No SQL, no rule, no arithmetic."""
