/* The parts of a NIC to each other; see vswsim/nic.h. */
#ifndef MECH_NIC_IMPL_H
#define MECH_NIC_IMPL_H

#include <vswsim/nic.h>

/* Machine files do not say at which node a slot is. */
#define VSW_NIC_NODE 0

void vsw_nic_rx_start(struct vsw_nic *nic);
void vsw_nic_tx_start(struct vsw_nic *nic);
void vsw_nic_rx_work(void *owner, struct vsw_worker *worker);
void vsw_nic_tx_work(void *owner, struct vsw_worker *worker);

void vsw_nic_init_irq(struct vsw_nic_queue *nq);

/* A frame was received into 'nq', at local time. */
void vsw_nic_note_event(struct vsw_nic_queue *nq);

#endif
