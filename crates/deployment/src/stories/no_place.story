2 hosts 1cpu 4gib; web desired=4 min=50 max=200 cpu=1
# Room for two.
deploy
  start a1 on h1, a2 on h2
  no place for 2
  deployment a: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 2 tasks: (task a1) (task a2).
  why: 4 desired, at least 2 healthy and at most 8 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
  no place for 2
  event: (service web) was unable to place a task because no container instance met all of its requirements. Reason: RESOURCE:CPU. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.
  why: 4 desired, at least 2 healthy and at most 8 in all: 2 stay (0 healthy), 0 leave, 0 are stopping. 2 found no instance last time.
  again at 06:00:00Z
run
  no place for 2
  why: 4 desired, at least 2 healthy and at most 8 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 found no instance last time.
  again at 06:00:00Z
# No room beside the old tasks: after trying, half of what there should be at least is given up.
desired 2
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 2 desired, at least 1 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
deploy
  no place for 2
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  why: 2 desired, at least 1 healthy and at most 4 in all: 0 stay (0 healthy), 2 leave, 0 are stopping.
  no place for 2
  stop a1: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 1 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has stopped 1 running tasks: (task a1).
  event: (service web) was unable to place a task because no container instance met all of its requirements. Reason: RESOURCE:CPU. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.
  why: 2 desired, at least 1 healthy and at most 4 in all: 0 stay (0 healthy), 2 leave, 0 are stopping. 2 found no instance last time. Stops 1 healthy, those where there are most first. No healthy task can be spared above the floor of 1.
  again at 06:00:00Z
gone
  start b1 on h1
  no place for 1
  event: (service web) has started 1 tasks: (task b1).
  why: 2 desired, at least 1 healthy and at most 4 in all: 0 stay (0 healthy), 1 leave, 0 are stopping. 2 found no instance last time.
  again at 06:00:00Z
run
  no place for 1
  stop a2: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 0 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has stopped 1 running tasks: (task a2).
  why: 2 desired, at least 1 healthy and at most 4 in all: 1 stay (1 healthy), 1 leave, 0 are stopping. 1 found no instance last time. Stops 1 healthy, those where there are most first.
  again at 06:00:00Z
go on
  ...
  start b2 on h2
  event: (service web) has started 1 tasks: (task b2).
  why: 2 desired, at least 1 healthy and at most 4 in all: 1 stay (1 healthy), 0 leave, 0 are stopping. 1 found no instance last time.
  again at 06:00:00Z
  why: 2 desired, at least 1 healthy and at most 4 in all: 2 stay (1 healthy), 0 leave, 0 are stopping.
  ...
  deployment b: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment a is gone
  event: (service web) (deployment b) deployment completed.
  event: (service web) has reached a steady state.
  why: 2 desired, at least 1 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
