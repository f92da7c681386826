-- Grain: one row per day the record can hold, with the periods of the company's calendar it is in.
SELECT day, week, month, quarter, year
FROM build.calendar
