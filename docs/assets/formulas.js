// 由 tests/javascript.py 译自 snippets/，不要手改；重新生成：pytest --update -k calculators
const $div = (a, b) => { if (b !== 0) return a / b; throw new RangeError('division by zero'); };
const $pow = (a, b) => { if (Math.abs(a ** b) < Infinity) return a ** b; throw new RangeError('pow'); };
const $sqrt = (a) => { if (!(a < 0)) return Math.sqrt(a); throw new RangeError('math domain'); };
const $max = (...all) => all.reduce((a, b) => (b > a ? b : a));
const $min = (...all) => all.reduce((a, b) => (b < a ? b : a));
const formulas = {
"business.applications.agent_cost.call_cost_usd": ({ input_tokens, cached_tokens, output_tokens, input_usd_per_mtok, output_usd_per_mtok, cache_read_ratio = 1.0 }) => {
  formulas["business.inference.limits.non_negative"]({ input_tokens, cached_tokens });
  formulas["business.inference.limits.non_negative"]({ output_tokens, input_usd_per_mtok });
  formulas["business.inference.limits.non_negative"]({ cache_read_ratio });
  if (cached_tokens > input_tokens) {
    throw new RangeError("" + "cached_tokens 不能超过 input_tokens，收到 " + cached_tokens);
  }
  return formulas["business.inference.daily_account.revenue_usd"]({ hit_mtok: $div(cached_tokens, 1000000.0), miss_mtok: $div(input_tokens - cached_tokens, 1000000.0), output_mtok: $div(output_tokens, 1000000.0), hit_usd_per_mtok: input_usd_per_mtok * cache_read_ratio, miss_usd_per_mtok: input_usd_per_mtok, output_usd_per_mtok });
},
"business.applications.heavy_users.blended_cost_usd": ({ light_cost_usd, heavy_cost_usd, heavy_share }) => {
  formulas["business.inference.limits.non_negative"]({ light_cost_usd, heavy_cost_usd });
  if (!(0 <= heavy_share && heavy_share <= 1)) {
    throw new RangeError("" + "heavy_share 必须在 0 到 1 之间，收到 " + heavy_share);
  }
  return (light_cost_usd * (1 - heavy_share)) + (heavy_cost_usd * heavy_share);
},
"business.applications.heavy_users.break_even_price_usd": ({ cost_usd, target_margin = 0.0 }) => {
  formulas["business.inference.limits.non_negative"]({ cost_usd });
  if (!(0 <= target_margin && target_margin < 1)) {
    throw new RangeError("" + "target_margin 必须不小于 0 且小于 1，收到 " + target_margin);
  }
  return $div(cost_usd, 1 - target_margin);
},
"business.applications.heavy_users.break_even_tasks": ({ fee_usd, usd_per_task }) => {
  formulas["business.inference.limits.non_negative"]({ fee_usd });
  formulas["business.inference.limits.positive"]({ usd_per_task });
  return $div(fee_usd, usd_per_task);
},
"business.applications.monthly_cogs.monthly_cogs_usd": ({ calls_per_month, input_tokens, cached_tokens, output_tokens, input_usd_per_mtok, output_usd_per_mtok, cache_read_ratio = 1.0 }) => {
  formulas["business.inference.limits.non_negative"]({ calls_per_month });
  return calls_per_month * formulas["business.applications.agent_cost.call_cost_usd"]({ input_tokens, cached_tokens, output_tokens, input_usd_per_mtok, output_usd_per_mtok, cache_read_ratio });
},
"business.applications.pricing.monthly_bill_usd": ({ tasks, fee_usd, included_tasks, usd_per_extra_task }) => {
  formulas["business.inference.limits.non_negative"]({ tasks, fee_usd });
  formulas["business.inference.limits.non_negative"]({ included_tasks, usd_per_extra_task });
  return fee_usd + ($max(0, tasks - included_tasks) * usd_per_extra_task);
},
"business.applications.unit_economics.cac_payback_months": ({ cac_usd, arpa_usd_per_month, gross_margin }) => {
  formulas["business.inference.limits.positive"]({ cac_usd, arpa_usd_per_month });
  if (!(-Infinity < gross_margin && gross_margin <= 1)) {
    throw new RangeError("" + "gross_margin 必须是不大于 1 的有限数，收到 " + gross_margin);
  }
  if (gross_margin <= 0) {
    return Infinity;
  }
  return $div(cac_usd, arpa_usd_per_month * gross_margin);
},
"business.applications.unit_economics.ltv_usd": ({ arpa_usd_per_month, gross_margin, monthly_churn }) => {
  formulas["business.inference.limits.positive"]({ arpa_usd_per_month });
  formulas["business.inference.limits.fraction"]({ monthly_churn });
  if (!(-Infinity < gross_margin && gross_margin <= 1)) {
    throw new RangeError("" + "gross_margin 必须是不大于 1 的有限数，收到 " + gross_margin);
  }
  return $div(arpa_usd_per_month * gross_margin, monthly_churn);
},
"business.cloud.gpu_hour.cost_usd_per_gpu_hour": ({ capex_usd, life_years, cash_usd_per_hour, utilisation, residual = 0.0, interest_rate = 0.0 }) => {
  formulas["business.inference.limits.non_negative"]({ capex_usd, cash_usd_per_hour });
  formulas["business.inference.limits.non_negative"]({ interest_rate });
  formulas["business.inference.limits.positive"]({ life_years });
  formulas["business.inference.limits.fraction"]({ utilisation });
  formulas["business.inference.limits.share"]({ residual });
  const depreciation = $div(capex_usd * (1 - residual), life_years * 8760);
  const interest = $div($div((interest_rate * capex_usd) * (1 + residual), 2), 8760);
  return $div((depreciation + interest) + cash_usd_per_hour, utilisation);
},
"business.cloud.payback.break_even_utilisation": ({ capex_usd, price_usd_per_hour, life_years, cash_usd_per_hour, residual = 0.0, interest_rate = 0.0 }) => {
  formulas["business.inference.limits.positive"]({ price_usd_per_hour });
  const owned_usd_per_hour = formulas["business.cloud.gpu_hour.cost_usd_per_gpu_hour"]({ capex_usd, life_years, cash_usd_per_hour, utilisation: 1.0, residual, interest_rate });
  return $div(owned_usd_per_hour, price_usd_per_hour);
},
"business.cloud.payback.payback_years": ({ capex_usd, price_usd_per_hour, utilisation, cash_usd_per_hour }) => {
  formulas["business.inference.limits.non_negative"]({ capex_usd, price_usd_per_hour });
  formulas["business.inference.limits.non_negative"]({ cash_usd_per_hour });
  formulas["business.inference.limits.fraction"]({ utilisation });
  const net_usd_per_hour = (price_usd_per_hour * utilisation) - cash_usd_per_hour;
  return (net_usd_per_hour > 0 ? $div($div(capex_usd, net_usd_per_hour), 8760) : Infinity);
},
"business.inference.daily_account.gpu_cost_usd": ({ nodes, gpus_per_node, usd_per_gpu_hour, hours }) => {
  formulas["business.inference.limits.non_negative"]({ nodes, gpus_per_node });
  return formulas["business.training_cost.price.cost_usd"]({ gpus: nodes * gpus_per_node, hours, usd_per_gpu_hour });
},
"business.inference.daily_account.revenue_usd": ({ hit_mtok, miss_mtok, output_mtok, hit_usd_per_mtok, miss_usd_per_mtok, output_usd_per_mtok }) => {
  formulas["business.inference.limits.non_negative"]({ hit_mtok, miss_mtok, output_mtok });
  formulas["business.inference.limits.non_negative"]({ hit_usd_per_mtok, miss_usd_per_mtok });
  formulas["business.inference.limits.non_negative"]({ output_usd_per_mtok });
  const input_usd = (hit_mtok * hit_usd_per_mtok) + (miss_mtok * miss_usd_per_mtok);
  return input_usd + (output_mtok * output_usd_per_mtok);
},
"business.inference.limits.fraction": (shares) => {
  for (const [name, value] of Object.entries(shares)) {
    if (!(0 < value && value <= 1)) {
      throw new RangeError("" + name + " 必须大于 0 且不超过 1，收到 " + value);
    }
  }
},
"business.inference.limits.non_negative": (amounts) => {
  for (const [name, value] of Object.entries(amounts)) {
    if (!(0 <= value && value < Infinity)) {
      throw new RangeError("" + name + " 必须是非负的有限数，收到 " + value);
    }
  }
},
"business.inference.limits.positive": (amounts) => {
  for (const [name, value] of Object.entries(amounts)) {
    if (!(0 < value && value < Infinity)) {
      throw new RangeError("" + name + " 必须是有限的正数，收到 " + value);
    }
  }
},
"business.inference.limits.share": (shares) => {
  for (const [name, value] of Object.entries(shares)) {
    if (!(0 <= value && value <= 1)) {
      throw new RangeError("" + name + " 必须在 0 到 1 之间，收到 " + value);
    }
  }
},
"business.inference.margin.gross_margin": ({ price_usd, cost_usd }) => {
  formulas["business.inference.limits.positive"]({ price_usd });
  formulas["business.inference.limits.non_negative"]({ cost_usd });
  return $div(price_usd - cost_usd, price_usd);
},
"business.inference.margin.markup": ({ price_usd, cost_usd }) => {
  formulas["business.inference.limits.non_negative"]({ price_usd });
  formulas["business.inference.limits.positive"]({ cost_usd });
  return $div(price_usd - cost_usd, cost_usd);
},
"business.inference.token_cost.break_even_utilisation": ({ usd_per_hour, tokens_per_s, price_usd_per_mtok }) => {
  formulas["business.inference.limits.positive"]({ price_usd_per_mtok });
  return $div(formulas["business.inference.token_cost.usd_per_mtok"]({ usd_per_hour, tokens_per_s }), price_usd_per_mtok);
},
"business.inference.token_cost.usd_per_mtok": ({ usd_per_hour, tokens_per_s, utilisation = 1.0 }) => {
  formulas["business.inference.limits.non_negative"]({ usd_per_hour });
  formulas["business.inference.limits.positive"]({ tokens_per_s });
  formulas["business.inference.limits.fraction"]({ utilisation });
  return $div(usd_per_hour, $div((tokens_per_s * 3600) * utilisation, 1000000.0));
},
"business.outlook.price_decline.margin_after": ({ margin, price_decline, cost_decline, years }) => {
  if (!((-Infinity) < margin && margin < 1)) {
    throw new RangeError("" + "margin 必须是小于 1 的有限数，收到 " + margin);
  }
  if (!((-Infinity) < price_decline && price_decline < 1)) {
    throw new RangeError("" + "price_decline 必须是小于 1 的有限数，收到 " + price_decline);
  }
  if (!((-Infinity) < cost_decline && cost_decline < 1)) {
    throw new RangeError("" + "cost_decline 必须是小于 1 的有限数，收到 " + cost_decline);
  }
  formulas["business.inference.limits.non_negative"]({ years });
  return 1 - ((1 - margin) * ($pow($div(1 - cost_decline, 1 - price_decline), years)));
},
"business.training_cost.failure_bill.failure_usd_per_day": ({ usd_per_day, mtbf_s, interval_s, save_s, restart_s = 0.0 }) => {
  formulas["business.inference.limits.non_negative"]({ usd_per_day, save_s, restart_s });
  formulas["business.inference.limits.positive"]({ mtbf_s, interval_s });
  return usd_per_day * $min(1.0, formulas["infrastructure.performance.checkpoint_interval.lost_share"]({ interval_s, mtbf_s, save_s }) + ($div(restart_s, mtbf_s)));
},
"business.training_cost.flops.gpu_hours": ({ flop, peak_flop_per_s, mfu }) => {
  formulas["business.inference.limits.non_negative"]({ flop });
  formulas["business.inference.limits.positive"]({ peak_flop_per_s });
  formulas["business.inference.limits.fraction"]({ mfu });
  return $div($div(flop, peak_flop_per_s * mfu), 3600);
},
"business.training_cost.flops.training_flop": ({ params, tokens, flop_per_param = 6 }) => {
  formulas["business.inference.limits.positive"]({ params, flop_per_param });
  formulas["business.inference.limits.non_negative"]({ tokens });
  return (flop_per_param * params) * tokens;
},
"business.training_cost.price.cost_usd": ({ gpus, hours, usd_per_gpu_hour }) => {
  formulas["business.inference.limits.non_negative"]({ gpus, hours, usd_per_gpu_hour });
  return (gpus * hours) * usd_per_gpu_hour;
},
"infrastructure.performance.checkpoint_interval.best_interval": ({ mtbf_s, save_s }) => {
  if ((mtbf_s <= 0) || (save_s <= 0)) {
    throw new RangeError("" + "mtbf_s 和 save_s 都要大于 0，收到 " + mtbf_s + " 和 " + save_s);
  }
  return $sqrt((2 * mtbf_s) * save_s);
},
"infrastructure.performance.checkpoint_interval.lost_share": ({ interval_s, mtbf_s, save_s }) => {
  return formulas["infrastructure.performance.checkpoint_interval.write_share"]({ interval_s, save_s }) + ($div(interval_s, 2 * mtbf_s));
},
"infrastructure.performance.checkpoint_interval.write_share": ({ interval_s, save_s }) => {
  formulas["business.inference.limits.positive"]({ interval_s, save_s });
  return $div(save_s, interval_s);
},
"training.evaluation.whole_run.days": ({ gpu_hours, gpus }) => {
  return $div($div(gpu_hours, gpus), 24);
},
};
