use cosmwasm_std::{to_json_binary, Uint128};
use cw20::Cw20ReceiveMsg;
use leasehold_api::provider::{Cw20HookMsg as BondHook, ExecuteMsg as ProviderMsg, Share};
use leasehold_api::{Asset, Capability, GpuInventory};
use leasehold_testing::verbs::contact;
use leasehold_testing::world::RENT;

use super::Samples;
use crate::stage::Stage;

pub fn fill(stage: &Stage, samples: &mut Samples) {
    let suite = &stage.world.suite;
    let [one, two, _] = &stage.providers;
    let capability = Capability {
        attributes: vec![],
        gpus: vec![GpuInventory {
            vendor: "nvidia".into(),
            model: "h100".into(),
            vram_mib: 81_920,
            interface: "sxm".into(),
            count: 8,
        }],
    };
    let register = ProviderMsg::Register {
        contact: contact(),
        capability: capability.clone(),
    };
    samples.paid(&stage.newcomer, register, (1_000, RENT));
    let update = ProviderMsg::Update {
        contact: None,
        capability: Some(capability),
    };
    samples.add(one, update);
    samples.add(one, ProviderMsg::Heartbeat {});
    samples.paid(one, ProviderMsg::Bond {}, (1_000, RENT));
    let token = stage.world.token.to_string();
    samples.add(two, ProviderMsg::AllowToken { token });
    let receive = ProviderMsg::Receive(Cw20ReceiveMsg {
        sender: one.to_string(),
        amount: Uint128::new(10),
        msg: to_json_binary(&BondHook::Bond {}).expect("a hook is JSON"),
    });
    samples.trusted(&stage.world.token, receive);
    let asset = Asset {
        denom: stage.world.rent_denom(),
        amount: Uint128::new(10),
    };
    let unbond = ProviderMsg::Unbond {
        asset: asset.clone(),
    };
    samples.add(one, unbond);
    samples.add(two, ProviderMsg::Claim {});
    samples.add(one, ProviderMsg::Drain {});
    samples.add(&stage.draining, ProviderMsg::Resume {});
    samples.add(&stage.leaver, ProviderMsg::Leave {});
    let from = stage.world.now() + 10;
    let until = from + 60;
    samples.add(one, ProviderMsg::AnnounceMaintenance { from, until });
    let providers = vec![stage.silent.to_string()];
    samples.add(&stage.mallory, ProviderMsg::CountLapses { providers });
    let slash = ProviderMsg::Slash {
        provider: one.to_string(),
        denom: asset.denom.clone(),
        amount: Uint128::new(10),
        bond: Uint128::new(100),
        at: stage.world.now() - 1,
        recipients: vec![Share {
            to: stage.tenant.to_string(),
            bps: 7_000,
        }],
        reason: "down".into(),
    };
    samples.trusted(&suite.market, slash);
    let to = stage.tenant.to_string();
    let compensate = ProviderMsg::Compensate {
        provider: one.to_string(),
        denom: asset.denom.clone(),
        amount: asset.amount,
        to: to.clone(),
    };
    samples.trusted(&suite.market, compensate);
    samples.trusted(&suite.governance, ProviderMsg::PayInsurance { to, asset });
    let config: leasehold_api::provider::ConfigResponse = stage
        .world
        .query(
            &suite.provider,
            &leasehold_api::provider::QueryMsg::Config {},
        )
        .expect("parameters");
    let params = config.params;
    samples.trusted(&suite.governance, ProviderMsg::UpdateParams { params });
}
