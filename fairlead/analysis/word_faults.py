"""Words of the sources that no model knows, where a number rests on them: stages of a history, kinds of activities."""

from fairlead.values import Query

CLOSED = "~"  # begins the id of the move that the record adds for a deal whose history does not say how it ended


def stages_of_history() -> Query:
    """Per source, subject and stage that a history names, before or after: `rows` of it."""
    return Query(
        "stages of history",
        f"""SELECT s.source_system AS source, s.entity, s.word, count(DISTINCT s.id) AS rows
FROM (
  SELECT c.source_system, c.entity, c.id, c.new AS word FROM record.change AS c WHERE c.field = 'stage'
  UNION ALL
  SELECT c.source_system, c.entity, c.id, c.old AS word FROM record.change AS c WHERE c.field = 'stage'
) AS s
WHERE s.word IS NOT NULL AND left(s.id, 1) <> '{CLOSED}'
GROUP BY s.source_system, s.entity, s.word
ORDER BY s.source_system, s.entity, rows DESC, s.word""",
    )


def kinds_of_activities() -> Query:
    """Per source and kind of activity: `rows` of it."""
    return Query(
        "kinds of activities",
        """SELECT a.source_system AS source, a.kind AS word, count(*) AS rows
FROM record.activity AS a
WHERE a.deleted_at IS NULL
GROUP BY a.source_system, a.kind
ORDER BY a.source_system, rows DESC, a.kind""",
    )
