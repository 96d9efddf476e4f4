"""来源没有印、由本站推算的数，两条路算出来差多少？"""

from appendix.reconciliation.report import show

if __name__ == "__main__":
    show("ours")
