from rules.shipped import shipped
import time
CARD = shipped()["senior-card.yaml"]

def test_probe(city):
    city.wait_until("2025-11-25")
    city.lives("an", "1961-03-01")
    city.publish(CARD)
    t=time.time()
    city.close_until("2026-03-05")
    print(time.time()-t)
    print(city.tasks("an"), city.notices("an"), city.due("an"), city.steps("an"))
