"""来源的几个数相加、相乘，等于它印的那个数吗？"""

from appendix.reconciliation.report import show

if __name__ == "__main__":
    show("arithmetic")
