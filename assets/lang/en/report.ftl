report-import-title = Import report
report-import-counts = { $read } features read, { $kept } kept, { $refused } refused, { $repaired } repaired.
report-import-row = Row
report-import-what = Finding
report-import-place = Place (x, y)
report-import-repair = Can be repaired
report-import-yes = yes
report-import-more = { $count } more are not listed.
