"""同样卖大模型的能力，按 token 收费和包月，毛利率差多少？"""

from business.inference.margin import gross_margin

DAVINCI_USD_PER_KTOK = 0.02
GPT3_COST_USD_PER_KTOK = 0.0035  # 第三方估算的下限
COPILOT_USD_PER_MONTH = 10
COPILOT_LOSS_USD_PER_MONTH = (20, 80)  # 平均、最重的用户

if __name__ == "__main__":
    margin = gross_margin(DAVINCI_USD_PER_KTOK, GPT3_COST_USD_PER_KTOK)
    print(f"按 token 卖（davinci 接口，2023 年）：毛利率 {margin:.1%}")
    for user, loss in zip(("平均", "最重的"), COPILOT_LOSS_USD_PER_MONTH):
        cost = COPILOT_USD_PER_MONTH + loss
        margin = gross_margin(COPILOT_USD_PER_MONTH, cost)
        print(f"包月（Copilot，2023 年）：{user}用户成本 {cost} 美元，毛利率 {margin:.0%}")
