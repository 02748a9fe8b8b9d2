//! Arrival time over a grid: a label-correcting march on a ring of eight neighbours.
//!
//! The equation is |grad T + b| = 1 in the dual of the cell's elliptic norm (see `metric`). Each cell keeps its arrival
//! time and the time's gradient, which the metric gives exactly from the direction of arrival. Between two neighbours
//! the time is the cubic through their times and gradients, and a cell takes the least of that cubic plus the travel
//! time: the scheme of Potter & Cameron (2021, "Jet marching methods for solving the eikonal equation") with a shifted
//! norm. Its error away from sources is far below that of linear interpolation, which long ellipses magnify by
//! 1 / (1 - e); and no cell looks past its neighbours, so that nothing one cell wide is skipped. Long ellipses also break
//! the order of the plain march (Sethian & Vladimirsky 2003): a cell that finds a better time is opened again.
//!
//! Weather holds for an interval. At its end only the burnt cells stay. Seen from a cell that is still to burn, a
//! burnt neighbour then has the time at which it would have had to burn under the new weather for the front between
//! the two to be where it is: the front's normal does not turn at the change, for the equation's dependence on time
//! leaves the gradient's direction alone.
//!
//! Cells whose turn has come are taken up by place as far as they hardly depend on each other (see `queue`).
//!
//! Long because the queue, the update of a cell and the change of weather share the state of one march.

use super::edge::{Edge, Travel};
use super::layout::{Layout, RING};
use super::metric::Metric;
use super::nodes::{Node, Nodes};
use super::queue::{self, Queue};

/// Where metrics come from: computed when a fire first touches a cell in an interval.
pub trait MetricSource {
    /// The metric of a cell (row-major index) in a weather interval.
    fn metric(&self, cell: usize, interval: usize) -> Metric;

    /// Whether any cell is ever closed by a suppression line.
    fn has_lines(&self) -> bool {
        false
    }

    /// When a suppression line closes the cell; infinity for most.
    fn closes_s(&self, _cell: usize) -> f32 {
        f32::INFINITY
    }
}

/// A neighbour's time and gradient as an unburnt cell sees them.
#[derive(Debug, Clone, Copy)]
struct Seen {
    time: f64,
    gradient: [f64; 2],
}

/// A fire on its way over a grid.
#[derive(Debug)]
pub struct March<M> {
    source: M,
    layout: Layout,
    nodes: Nodes,
    /// (order, node) in one word, so that comparing is cheap.
    queue: Queue,
    /// Mean of the metrics' shift in this interval, seconds per cell: see `March::order`.
    drift: [f64; 2],
    /// Start of each weather interval.
    starts: Vec<f64>,
    interval: usize,
    has_lines: bool,
    clock: f64,
    pops: usize,
    /// Cells in the order in which they were first taken from the queue.
    trail: Vec<u32>,
    /// Nodes that were ever looked at.
    touched: Vec<u32>,
    /// How many of them, from the first on, had burnt at the last change of weather.
    settled: usize,
}

impl<M: MetricSource> March<M> {
    /// `starts`: when each weather interval begins, ascending; the last one has no end.
    #[must_use]
    pub fn new(source: M, cols: usize, rows: usize, starts: Vec<f64>) -> Self {
        let layout = Layout::new(cols, rows);
        let has_lines = source.has_lines();
        let mut march = Self {
            source,
            nodes: Nodes::new(layout.len()),
            layout,
            queue: Queue::default(),
            clock: starts.first().copied().unwrap_or(0.0),
            starts,
            interval: 0,
            has_lines,
            drift: [0.0; 2],
            pops: 0,
            trail: Vec::new(),
            touched: Vec::new(),
            settled: 0,
        };
        march.measure_drift();
        march
    }

    /// Starts another fire on the same grid, keeping the memory.
    pub fn reset(&mut self, source: M, starts: Vec<f64>) {
        for node in self.touched.drain(..) {
            self.nodes.forget(node as usize);
        }
        self.settled = 0;
        self.has_lines = source.has_lines();
        self.source = source;
        self.clock = starts.first().copied().unwrap_or(0.0);
        self.starts = starts;
        self.queue.clear();
        self.interval = 0;
        self.pops = 0;
        self.trail.clear();
        self.measure_drift();
    }

    /// The mean shift over a sample of the cells that burn, each weighted by its speed, scaled to suit the most of them.
    fn measure_drift(&mut self) {
        let cells = self.layout.cols * self.layout.rows;
        let step = (cells / 1000).max(1);
        let sample: Vec<Metric> = (0..cells)
            .step_by(step)
            .map(|cell| self.source.metric(cell, self.interval))
            .filter(Metric::burns)
            .collect();
        let slowness = |m: &Metric| (f64::from(m.xx) * f64::from(m.yy) - f64::from(m.xy).powi(2)).powf(0.25);
        let mut crossings: Vec<f64> = sample.iter().map(slowness).collect();
        crossings.sort_unstable_by(f64::total_cmp);
        self.queue.set_width(crossings.get(crossings.len() / 10).copied().unwrap_or(0.0));
        let (mut shift, mut weight) = ([0.0; 2], 0.0);
        for m in &sample {
            let speed = 1.0 / slowness(m);
            shift = [shift[0] + speed * f64::from(m.bx), shift[1] + speed * f64::from(m.by)];
            weight += speed;
        }
        self.drift = [0.0; 2];
        let mut most = 0;
        // Slow fuels with wind want a large drift, fast ones a small one: what suits both may lie in a narrow range.
        for part in (0..=32).rev() {
            let drift = shift.map(|s| if weight > 0.0 { s / weight * f64::from(part) / 16.0 } else { 0.0 });
            let suited = sample.iter().filter(|m| m.suits(drift)).count();
            if suited > most {
                (most, self.drift) = (suited, drift);
            }
        }
    }

    /// Where in the queue a time belongs. Over one metric the time plus its shift solves an isotropic equation, and in
    /// that sum's order every cell finds its neighbours final; in the order of the time itself a long ellipse opens
    /// cells again and again. Over many metrics their mean serves: the order costs time, never correctness.
    fn order(&self, node: usize, time: f64) -> u32 {
        let (x, y) = self.layout.place(node);
        queue::rank(time + self.drift[0] * f64::from(x) + self.drift[1] * f64::from(y))
    }

    #[must_use]
    pub fn clock_s(&self) -> f64 {
        self.clock
    }

    /// Cells taken from the queue so far, those opened again counted again.
    #[must_use]
    pub fn pops(&self) -> usize {
        self.pops
    }

    #[must_use]
    pub fn source(&self) -> &M {
        &self.source
    }

    /// Arrival time in seconds; infinity where the fire has not come by [`Self::clock_s`].
    #[must_use]
    pub fn arrival_s(&self, cell: usize) -> f64 {
        let time = self.nodes.time(self.layout.node_of(cell));
        if time <= self.clock { time } else { f64::INFINITY }
    }

    /// Direction from which the fire came, as the gradient of arrival time (seconds per cell; x east, y south).
    #[must_use]
    pub fn gradient(&self, cell: usize) -> [f32; 2] {
        self.nodes.gradient(self.layout.node_of(cell))
    }

    /// Cells that were taken up since the last call; some may burn only after the clock, and come again.
    pub fn take_trail(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.trail)
    }

    #[must_use]
    pub fn cols(&self) -> usize {
        self.layout.cols
    }

    #[must_use]
    pub fn rows(&self) -> usize {
        self.layout.rows
    }

    /// Interval of a moment.
    #[must_use]
    pub fn interval_at(&self, time: f64) -> usize {
        self.starts.partition_point(|s| *s <= time).saturating_sub(1)
    }

    /// The metric of a node in the present interval.
    fn metric(&mut self, node: usize) -> Metric {
        if usize::from(self.nodes.get(node).measured) != self.interval + 1 {
            self.measure(node);
        }
        self.nodes.metric(node)
    }

    /// Works out the metrics of a node and of those beside it in its tile's row: the fire comes to them next, and their
    /// ground lies together in memory.
    #[cold]
    fn measure(&mut self, node: usize) {
        let measured = self.interval as u16 + 1;
        for node in self.layout.row_of_tile(node) {
            let before = self.nodes.get(node);
            if before.measured == measured {
                continue;
            }
            let metric = if self.layout.is_border(node) {
                Metric::NEVER
            } else {
                self.source.metric(self.layout.cell_of(node), self.interval)
            };
            if before.measured == 0 {
                self.touched.push(node as u32);
            }
            self.nodes.set_metric(node, &metric);
            self.nodes.set(node, Node { causal: metric.suits(self.drift), measured, ..before });
        }
    }

    /// Lets the fire have come to a cell, if that is sooner than what is known. `time` must not lie in the past.
    pub fn ignite(&mut self, cell: usize, time: f64, gradient: [f32; 2]) {
        let node = self.layout.node_of(cell);
        if self.metric(node).burns() && f64::from(self.source.closes_s(cell)) > time {
            self.improve(node, time, gradient);
        }
    }

    fn improve(&mut self, node: usize, time: f64, gradient: [f32; 2]) {
        let n = self.nodes.get(node);
        if time < n.time {
            let order = self.order(node, time);
            self.nodes.set(node, Node { time, order, ..n });
            self.nodes.set_gradient(node, gradient);
            self.queue.push((u64::from(order) << 32) | node as u64);
        }
    }

    /// Burns on to `until`, or to the end of the weather interval if that is sooner, or until `stop` says so (asked
    /// every thousand cells). Returns whether `until` was reached.
    pub fn advance(&mut self, until: f64, stop: &mut dyn FnMut() -> bool) -> bool {
        while self.clock < until {
            let end = self.starts.get(self.interval + 1).copied().unwrap_or(f64::INFINITY);
            let target = until.min(end);
            let mut later = Vec::new();
            while let Some(top) = self.queue.pop() {
                let node = (top & 0xffff_ffff) as usize;
                let n = self.nodes.get(node);
                if u64::from(n.order) != top >> 32 {
                    // A better time was taken before.
                    continue;
                }
                if n.time > target && n.time > target + self.nodes.metric(node).look_ahead() {
                    later.push(top);
                    continue;
                }
                if let Some(next) = self.queue.ahead(AHEAD) {
                    self.prefetch_around((next & 0xffff_ffff) as usize);
                }
                self.pops += 1;
                if n.opened == 0 {
                    self.trail.push(self.layout.cell_of(node) as u32);
                }
                self.nodes.set(node, Node { opened: n.opened.saturating_add(1), ..n });
                if self.pops.is_multiple_of(1024) && stop() {
                    self.queue.extend(later);
                    self.queue.push(top);
                    return false;
                }
                for direction in 0..8 {
                    let to = self.layout.neighbour(node, direction);
                    self.update(to, direction + 4);
                }
            }
            self.queue.clear();
            self.queue.extend(later);
            self.clock = target;
            if target >= end {
                self.change_weather();
            }
        }
        true
    }

    /// Asks memory for what the update of a node's neighbours will need, while other nodes are worked on.
    fn prefetch_around(&self, node: usize) {
        for direction in 0..8 {
            self.nodes.prefetch(self.layout.neighbour(node, direction));
        }
    }

    /// Forgets all times after the change and starts again from the burnt cells.
    fn change_weather(&mut self) {
        self.interval += 1;
        self.measure_drift();
        self.queue.clear();
        let mut open = self.touched.split_off(self.settled);
        open.retain(|&node| {
            let n = self.nodes.get(node as usize);
            let is_open = n.time > self.clock;
            if is_open {
                let forgotten = Node { time: f64::INFINITY, order: 0, opened: 0, causal: false, measured: n.measured };
                self.nodes.set(node as usize, forgotten);
                self.nodes.set_gradient(node as usize, [0.0; 2]);
            } else {
                self.touched.push(node);
            }
            is_open
        });
        self.settled = self.touched.len();
        for node in open.iter().map(|n| *n as usize).filter(|n| !self.layout.is_border(*n)).collect::<Vec<_>>() {
            for direction in 0..8 {
                if self.nodes.time(self.layout.neighbour(node, direction)) <= self.clock {
                    self.update(node, direction);
                }
            }
        }
        self.touched.extend(open);
    }

    /// Offers `node` the arrivals from its neighbour in `direction` and from the two edges beside it.
    fn update(&mut self, node: usize, direction: usize) {
        let start = self.starts.get(self.interval).copied().unwrap_or(0.0);
        let here = self.nodes.get(node);
        // Burnt before the last change of weather: history.
        if here.time <= start && self.interval > 0 {
            return;
        }
        let p_node = self.layout.neighbour(node, direction);
        let p_is = self.nodes.get(p_node);
        // Settled before the neighbour, in an order that its metric suits: nothing to gain.
        if here.causal && here.opened > 0 && here.order <= p_is.order {
            return;
        }
        let metric = self.metric(node);
        if !metric.burns() {
            return;
        }
        let causal = self.nodes.get(node).causal;
        let direction = direction % 8;
        let p = self.seen(p_node, node, &metric, direction);
        let m = [f64::from(metric.xx), f64::from(metric.xy), f64::from(metric.yy)];
        let b = [f64::from(metric.bx), f64::from(metric.by)];
        let op = RING[direction];
        let length_p = quadratic(&m, op).sqrt();

        let p_even = metric.is_like(&self.nodes.metric(p_node));
        let mut best = here.time;
        let mut from = [0.0; 2];
        let straight = p.time + length_p + dot(b, op);
        if straight < best && !(direction % 2 == 1 && self.squeezes(node, direction, p_is.time)) {
            best = straight;
            from = op;
        }
        for side in [1, 7] {
            let q_direction = (direction + side) % 8;
            let q_node = self.layout.neighbour(node, q_direction);
            let other = self.nodes.get(q_node);
            // In a suitable order the neighbour either settles before this cell and offers the edge itself, or has
            // nothing to offer.
            if other.time == f64::INFINITY || causal && other.opened == 0 {
                continue;
            }
            let oq = RING[q_direction];
            let e = [oq[0] - op[0], oq[1] - op[1]];
            let be = dot(b, e);
            let c1 = m[0] * op[0] * e[0] + m[1] * (op[0] * e[1] + op[1] * e[0]) + m[2] * op[1] * e[1];
            let q = self.seen(q_node, node, &metric, q_direction);
            let rise = q.time - p.time;
            // The gradients hold along the edge where the fire goes on as it came. Of a cell still in the queue they
            // may be far off; beside a border of fuels and where two fronts meet (the time falls to both sides) they
            // bend the edge so that a slower fire might seem sooner.
            let even = p_even && other.opened > 0 && metric.is_like(&self.nodes.metric(q_node));
            let slopes = [dot(p.gradient, e), dot(q.gradient, e)];
            let [g0, g1] = if even && slopes[0] < rise && rise < slopes[1] { slopes } else { [rise; 2] };
            // Slope of arrival time at the edge's ends: the best point lies beyond when falling.
            if g0 + be + c1 / length_p >= 0.0 {
                continue;
            }
            let c2 = quadratic(&m, e);
            let length_q = quadratic(&m, oq).sqrt();
            if g1 + be + (c1 + c2) / length_q <= 0.0 {
                continue;
            }
            let edge = Edge::new(p.time, q.time, g0, g1);
            let travel = Travel { c0: length_p * length_p, c1, c2, bo: dot(b, op), be, det: m[0] * m[2] - m[1] * m[1] };
            let (time, at) = edge.least(&travel);
            if time < best {
                best = time;
                from = [op[0] + at * e[0], op[1] + at * e[1]];
            }
        }
        let gain = here.time - best;
        if gain <= 0.0 {
            return;
        }
        let patience = || f64::from(1u32 << (2 * u32::from(here.opened.min(10))));
        if here.opened == 0 || gain > TOLERANCE * patience() * length_p {
            let time = best.max(start);
            if !self.has_lines || f64::from(self.source.closes_s(self.layout.cell_of(node))) > time {
                let gradient = metric.gradient([-from[0], -from[1]]);
                self.improve(node, time, gradient);
            }
        }
    }

    /// Whether the way in from a diagonal neighbour squeezes between two cells that do not burn.
    fn squeezes(&mut self, node: usize, direction: usize, time: f64) -> bool {
        [direction + 7, direction + 1].iter().all(|&beside| {
            let beside = self.layout.neighbour(node, beside);
            !self.metric(beside).burns()
                || self.has_lines && f64::from(self.source.closes_s(self.layout.cell_of(beside))) <= time
        })
    }

    /// A burnt neighbour as `node` sees it under the present weather.
    fn seen(&self, from: usize, node: usize, metric: &Metric, direction: usize) -> Seen {
        let n = self.nodes.get(from);
        let gradient = self.nodes.gradient(from).map(f64::from);
        let start = self.starts.get(self.interval).copied().unwrap_or(0.0);
        if self.interval == 0 || n.time >= start {
            return Seen { time: n.time, gradient };
        }
        let cell = self.layout.cell_of(node);
        let steepness = gradient[0].hypot(gradient[1]);
        // Without a normal (the place of ignition) progress is along the way to the cell.
        let normal = [gradient[0] / steepness, gradient[1] / steepness];
        let way = RING[direction].map(|o| -o);
        let slowness = |m: &Metric| if steepness > 0.0 { m.front_slowness(normal) } else { m.cost(way) };
        let mut progress = 0.0;
        for j in self.interval_at(n.time)..self.interval {
            let past = self.source.metric(cell, j);
            if past.burns() {
                let from = n.time.max(self.starts[j]);
                progress += (self.starts[j + 1] - from) / slowness(&past);
            }
        }
        let now = slowness(metric);
        let gradient = if steepness > 0.0 { normal.map(|c| c * now) } else { [0.0; 2] };
        Seen { time: start - progress * now, gradient }
    }
}

/// How many nodes ahead memory is asked.
const AHEAD: usize = 8;

/// Smallest gain that opens a cell again, in crossings of the cell without the wind's help; each opening makes it
/// four times harder, so that a march through any mixture of fuels ends.
const TOLERANCE: f64 = 1e-5;

fn dot(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

fn quadratic(m: &[f64; 3], [x, y]: [f64; 2]) -> f64 {
    m[0] * x * x + 2.0 * m[1] * x * y + m[2] * y * y
}
