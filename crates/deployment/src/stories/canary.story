3 hosts; web desired=2 bake=1m strategy=canary:10/5m alarms=rollback
deploy
  start a1 on h1, a2 on h2
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, SCALE_UP with 0% of traffic
  event: (service web) has started 2 tasks: (task a1) (task a2).
  why: At stage SCALE_UP. 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, PRODUCTION_TRAFFIC_SHIFT with 10% of traffic
  why: At stage PRODUCTION_TRAFFIC_SHIFT. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
  again at 00:05:00Z
wait 5m
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, BAKE_TIME with 100% of traffic
  why: At stage BAKE_TIME. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
  again at 00:06:00Z
wait 1m
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: At stage CLEAN_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:06:00Z
deploy
  start b1 on h3, b2 on h1
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, SCALE_UP with 0% of traffic
  event: (service web) has started 2 tasks: (task b1) (task b2).
  why: At stage SCALE_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, PRODUCTION_TRAFFIC_SHIFT with 10% of traffic
  why: At stage PRODUCTION_TRAFFIC_SHIFT. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
  again at 00:11:00Z
wait 4m
  nothing to do
  why: At stage PRODUCTION_TRAFFIC_SHIFT. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
wait 1m
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, BAKE_TIME with 100% of traffic
  why: At stage BAKE_TIME. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
  again at 00:12:00Z
# The rest of the traffic has moved. An alarm still brings all of it back.
alarm firing
  stop b2 b1: Scaling activity initiated by (deployment b)
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, SUCCESSFUL
  deployment b: ACTIVE, 0 of its tasks wanted, FAILED, ROLLBACK_IN_PROGRESS
  event: (service web) has stopped 2 running tasks: (task b2) (task b1).
  event: (service web) (deployment b) deployment failed: alarm detected.
  event: (service web) rolling back to deployment a.
  why: Deployment b has failed; the service goes back to a. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 2 leave, 0 are stopping. Stops 2 healthy, those where there are most first.
go on
  ...
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment b: ACTIVE, 0 of its tasks wanted, FAILED, ROLLBACK_SUCCESSFUL
  deployment b is gone
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:11:00Z
