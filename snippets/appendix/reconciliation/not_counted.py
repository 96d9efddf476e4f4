"""不算验证的行：数抄得对吗？本站自己推的数呢？"""

from appendix.reconciliation.reproduces import show

if __name__ == "__main__":
    show("arithmetic")
    print("\n")
    show("ours")
