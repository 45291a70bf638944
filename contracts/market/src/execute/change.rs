use cosmwasm_std::Uint128;
use leasehold_api::event::LeaseChanged;
use leasehold_api::market::{order_of, EndReason, Lease, LEASES, ORDERS};
use leasehold_api::rules::money;

use crate::messages::ToEscrow;
use crate::permission::unauthorized;
use crate::state;
use crate::touch::Touch;
use crate::ContractError;

/// Both have agreed: the tenant by its proposal, the provider by accepting it at the deployment contract, which has stored already what
/// the group asks for from now on. All the contracts see the change at the same second.
pub fn change(
    touch: &mut Touch,
    id: u64,
    provider: &str,
    rate: Uint128,
    max_rate: Option<Uint128>,
) -> Result<(), ContractError> {
    let provider = touch.deps.api.addr_validate(provider)?;
    let (mut order, lease) = state::active_lease(touch.deps.storage, id)?;
    if provider != lease.provider {
        let holder = format!("the provider {}", lease.provider);
        return Err(unauthorized(&provider, holder));
    }
    if lease.is_over(touch.now) {
        let reason = EndReason::Finished.as_str();
        return Err(ContractError::LeaseEnded { id, reason });
    }
    let order_id = order_of(id);
    if let Some(max_rate) = max_rate {
        order.auction.max_rate = max_rate;
        order.auction.second = None;
    }
    order.auction.check_rate(rate)?;
    let tenant = touch.tenant(order_id)?;
    let bond = money::bond(rate, touch.params.bond_seconds)?;
    touch.require_eligible(order_id, &order, &tenant, &provider, bond, lease.bond)?;
    let storage = &mut *touch.deps.storage;
    state::relock(storage, &provider, &order.denom, lease.bond, bond)?;
    let changed = Lease {
        rate,
        bond,
        ..lease
    };
    LEASES.save(storage, id, &changed)?;
    if max_rate.is_some() {
        ORDERS.save(storage, order_id, &order)?;
    }
    let reprice = ToEscrow::RepriceStream {
        stream: id,
        tenant: &tenant,
        rate,
    };
    touch.send(touch.suite.escrow.clone(), &reprice)?;
    touch.emit(LeaseChanged {
        lease_id: id,
        order_id,
        provider,
        rate,
        bond,
    });
    Ok(())
}
