study-clock = { $clock }
study-clock-day = { $clock } on { $date }

study-fire-no-land-cover = The project has no land-cover layer, so nothing is known of what burns. Add one and give it the role “land cover”.
study-fire-outside-map = The fire starts outside the map or in the sea. Choose a place on land inside the map.
study-fire-no-lon-lat = Longitude and latitude cannot be worked out in the site's system { $crs }. Give the place in that system instead.
study-writing = Writing the results
study-fire-write = The folder cannot be written: { $reason }. Check its rights and the free space. Folder: { $path }
study-fire-no-scenario = The scenario "{ $scenario }" is not there any more. Choose another.
study-fire-unknown-cover = { $hectares } ha have a land-cover class that the fuel table does not know; they do not burn. Add the class to the table.
study-fire-no-terrain = The project has no terrain: the ground is taken as flat.

study-fire-burnt = By { $clock } the fire covers { $hectares } ha.
study-fire-within-a-cell = By { $clock } the fire is still smaller than one cell of the calculation ({ $hectares } ha): what grows here hardly carries fire in this weather.
study-fire-reaches-road = It reaches { $road } at { $clock }.
study-fire-reaches-place = It comes within 300 m of { $place } at { $clock }.
study-fire-no-buildings = No building is reached by { $clock }.
study-fire-buildings = { $buildings } buildings with { $residents } residents are reached by { $clock }; the first at { $first }.
study-fire-forest = { $hectares } ha of forest burn.
study-fire-protected-forest = By the land-use plan, { $special } ha of special-use forest land and { $protection } ha of protection forest land burn.
study-fire-range-area = Burnt area with other winds and moistures: { $low } to { $high } ha, in the middle { $middle } ha ({ $members } calculations; 10 % are below and 10 % above).
study-fire-range-buildings = Buildings reached with other winds and moistures: { $low } to { $high }, in the middle { $middle }.
study-fire-change-area = Burnt area: { $before } ha without the measure, { $after } ha with it; { $spared } ha are spared.
study-fire-change-buildings = Buildings reached: { $before } without the measure, { $after } with it; { $spared } are spared.
study-fire-change-residents = Residents reached: { $before } without the measure, { $after } with it; { $spared } are spared.

study-fire-assumes-judgement = Expert judgement, not measured: { $cover } burns like standard fuel model { $fuel }. The fuel table can be changed.
study-fire-assumes-generated-cover = The land cover is demonstration data, not a survey.
study-fire-assumes-generated-terrain = The terrain is demonstration data, not a survey.
study-fire-assumes-roads = Roads { $width } m wide or wider hold a front; houses and water do not burn. The fire service's work is not counted unless drawn.
study-fire-assumes-constant-weather = Wind and moisture stay the same during the whole run.

study-fire-moisture-very-low = Very dry (1 h fuel 3 %)
study-fire-moisture-low = Dry (1 h fuel 6 %)
study-fire-moisture-moderate = Moderate (1 h fuel 9 %)
study-fire-moisture-high = Damp (1 h fuel 12 %)
