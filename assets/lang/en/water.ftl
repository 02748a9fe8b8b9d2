water-out-of-range = { $what } is { $value }, which is not possible. Enter a value from { $low } to { $high }.
water-on-land = Place { $number } lies on land. Put it into the sea; the nearest is { $distance } m away.
water-outside-map = Place { $number } lies outside the map. Choose a place in the sea on the map.
water-no-sea = There is no sea on the map: no cell of the terrain lies below zero. Add depths to the terrain.
water-no-terrain = The project has no terrain with the sea floor, so nothing is known of the depth. Add one with the role “terrain”.
water-unstable = The current became unstable. Use larger cells, and check the depths of the terrain.
water-no-wind = No wind was given: the sea is moved by the tide alone. Give it with --wind.
water-no-beaches = The project names no beaches (LOAI = “Bãi biển”), so none are told.

water-input-cell = Cell size (m)
water-input-cells = Number of cells
water-input-concentration = Concentration of an outfall
water-input-diffusivity = Diffusivity (m²/s)
water-input-flow = Flow of an outfall (m³/s)
water-input-hours = Duration (hours)
water-input-particles = Number of particles
water-input-snapshot = Time between snapshots (minutes)
water-input-step = Time step (s)
water-input-t90 = T90 (s)
water-input-wind = Wind speed (m/s)

water-dilution = Outfall { $number }: its water is diluted { $times } times when it reaches the surface (round buoyant plume, no current).
water-worst-beach = Most reaches { $beach }: on average { $value } { $unit } off the beach at { $clock } (simulated).
water-beaches-above = { $above } of { $beaches } beaches are above { $limit } { $unit } at some time (simulated).

water-assumes-barotropic = Depth-averaged current from tide, wind and friction; density and the current's own momentum are left out.
water-assumes-no-waves = Waves and the drift along the shore that they make are left out.
water-assumes-mixed = What an outfall lets in is mixed over the whole depth of its cell at once.
water-assumes-t90 = Die-off by a constant T90, day and night.
water-assumes-oil = Oil drifts with the current and 3 % of the wind, evaporates after Fingas, and stays where it strands.
water-assumes-wind = The same wind over the whole sea and time: { $wind } m/s (assumed).
water-assumes-tide = The tide is assumed (K1, O1, M2, S2; no station's constants were at hand, nodal change left out) and enters as a long wave. Verify before use.
water-assumes-generated-depth = The depths are demonstration data, not a survey.
water-assumes-not-validated = The calculation is verified, not validated: no currents or concentrations were measured for comparison. No uncertainty is given with the figures; take them as an order of magnitude.

cli-help-simulate-water = A day of the sea: tide and wind current, outfalls, oil, and which beach is reached
cli-help-simulate-water-scene = Scene (*.scene.ron) or project (*.gpkg) whose terrain holds the depths
cli-help-simulate-water-scenario = Planning scenario of the scene or project
cli-help-simulate-water-outfall = Where something is let in: lon,lat@flow@concentration with units, such as 103.95,10.21@0.2m3/s@1e6CFU/100mL. Flow: m3/s, m3/h, m3/d, l/s; concentration: CFU/100mL, MPN/100mL, mg/L, kg/m3, ug/L. May be given again
cli-help-simulate-water-xy = Places are x,y of the scene's own system instead of lon,lat
cli-help-simulate-water-wind = Wind at 10 m and where it comes from, in m/s and degrees: 5@45
cli-help-simulate-water-t90 = Time in which nine tenths of the germs die, with its unit: 8h, 90min, 1d. Nothing decays when left out
cli-help-simulate-water-diffusivity = Horizontal diffusivity, m²/s
cli-help-simulate-water-hours = How long, hours
cli-help-simulate-water-cell = Side of a cell, metres
cli-help-simulate-water-tide_from = Where the tide wave comes from, degrees clockwise from north
cli-help-simulate-water-start = When it begins (ISO 8601); Vietnam's time when no zone is given; the scene's own time when left out
cli-help-simulate-water-limit = Count the hours in which a beach is above this concentration (unit of the outfalls)
cli-help-simulate-water-oil = Where oil is spilt at the beginning: lon,lat
cli-help-simulate-water-particles = Number of particles that stand for the oil
cli-help-simulate-water-seed = Seed of the particles' random walk
cli-help-simulate-water-snapshot_minutes = Rasters are written so often, minutes
cli-help-simulate-water-threads = Number of threads; 0: as many as the machine has. The result is the same
cli-help-simulate-water-out = Folder to write into: rasters (GeoTIFF), beaches and particles (CSV), manifest and report (JSON)
cli-help-simulate-water-json = Print the report as JSON
cli-water-unit = “{ $text }” has no unit that is known. Write it behind the number; known are: { $known }
cli-water-two-units = Outfalls have different units of concentration ({ $first }, { $second }). Use one for all, or run them apart.
cli-water-done = { $hours } hours of the sea were simulated. Written to { $path }
