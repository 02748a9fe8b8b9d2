//! Where every vehicle is on the map.

use super::simulation::Micro;
use super::streets::LANE_WIDTH_M;
use crate::sim::fields::AgentTable;
use crate::sim::traffic::network::Network;

/// All vehicles on the road now, link by link from the front; `id` is the row of the trip (from 0), `kind` the number
/// of the driver. Links without a line have no place on the map: their vehicles are left out.
#[must_use]
pub fn agents(micro: &Micro, network: &Network) -> AgentTable {
    let mut table = AgentTable::default();
    for (link, v) in micro.vehicles() {
        let known = &network.links[link as usize];
        let Some((at, [dx, dy])) = place(&known.line, f64::from(v.x_m) / known.length_m) else { continue };
        // Sideways places count from the right edge of the road; its line is the left edge of this direction.
        let right = f64::from(LANE_WIDTH_M) * f64::from(known.lanes) - f64::from(v.y_m);
        table.id.push(v.trip);
        table.kind.push(v.driver);
        table.at.push([dy.mul_add(right, at[0]), (-dx).mul_add(right, at[1])]);
        table.heading_rad.push(dx.atan2(dy) as f32);
        table.speed_mps.push(v.speed_mps);
    }
    table
}

/// A place a share of the way along a line, and the direction there.
fn place(line: &[[f64; 2]], share: f64) -> Option<([f64; 2], [f64; 2])> {
    let length = |w: &[[f64; 2]]| (w[1][0] - w[0][0]).hypot(w[1][1] - w[0][1]);
    let mut left = line.windows(2).map(length).sum::<f64>() * share.clamp(0.0, 1.0);
    let last = line.len().checked_sub(2)?;
    for (i, w) in line.windows(2).enumerate() {
        let leg = length(w);
        if leg > 0.0 && (left <= leg || i == last) {
            let direction = [(w[1][0] - w[0][0]) / leg, (w[1][1] - w[0][1]) / leg];
            let along = left.min(leg);
            return Some(([direction[0].mul_add(along, w[0][0]), direction[1].mul_add(along, w[0][1])], direction));
        }
        left -= leg;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_follow_the_bends_of_a_line() {
        let bent = [[0.0, 0.0], [30.0, 0.0], [30.0, 0.0], [30.0, 10.0]];
        assert_eq!(place(&bent, 0.5), Some(([20.0, 0.0], [1.0, 0.0])));
        assert_eq!(place(&bent, 0.875), Some(([30.0, 5.0], [0.0, 1.0])));
        assert_eq!(place(&bent, 9.0), Some(([30.0, 10.0], [0.0, 1.0])));
        assert_eq!(place(&[], 0.5), None);
    }
}
